// SPDX-License-Identifier: MIT
//
// Octavo's C ABI: the whole of what JavaScript (js/engine.js) or a C program sees.
//
// One instance of the library serves one model at a time in wasm (one instance a model, so that dropping the instance
// gives everything back); natively any number. Not thread-safe. Strings are UTF-8, zero-terminated, and borrowed:
// valid until the next call on the same object. Reports are JSON text, because they are read once and by people;
// tensor bytes are raw memory, because they are the hot path.
//
// A call that fails returns NULL, or a status other than 0 (base/status.inc); oct_error then tells what happened.
#ifndef OCTAVO_H
#define OCTAVO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __wasm__
#define OCT_API(name) __attribute__((export_name(#name)))
#else
#define OCT_API(name)
#endif

typedef struct oct_model oct_model;
typedef struct oct_plan oct_plan;

/// Raised when this header changes incompatibly; js/abi.js carries the same number and refuses another wasm.
#define OCT_ABI_VERSION 4
OCT_API(oct_abi_version) uint32_t oct_abi_version(void);

/// "simd128", "relaxed", "relaxed_u8", "relaxed_s8" or "native".
OCT_API(oct_build_name) const char *oct_build_name(void);

/// The most recent failure as JSON: {"code", "message", "node", "hint"}; node and hint may be "".
OCT_API(oct_error) const char *oct_error(void);

/// Memory for model bytes, image bytes and the like: 64-byte aligned, with 64 readable bytes past its end. Not zeroed.
OCT_API(oct_alloc) void *oct_alloc(size_t bytes);
OCT_API(oct_free) void oct_free(void *block);

// --- a model --------------------------------------------------------------------------------------------------------

typedef struct oct_file {
  void *bytes; // from oct_alloc
  size_t byte_count;
} oct_file;

/// JSON: [name...], the other files that constants of a model lie in (ONNX's external data), each once; the bytes are
/// borrowed and hostile. A name is what the model says, a path relative to its own as a rule: look at it before use.
OCT_API(oct_model_files) const char *oct_model_files(const void *bytes, size_t byte_count);

/// Reads a model, ONNX, TFLite or prepared (told apart by content): `files` (borrowed) are its own bytes, and then
/// those of the files that oct_model_files names, in that order. Their bytes are owned by the model from here on, also when the call
/// fails. The bytes are hostile until read: every offset, count and type is checked.
OCT_API(oct_model_create) oct_model *oct_model_create(const oct_file *files, size_t file_count);

/// The prepared form of a model that has not run (formats/prepared.c): a file, its size in the 4 bytes from byte 12 on, to be
/// freed. `source_sha256`: the 32 bytes of the hash of the file that the model was read from.
OCT_API(oct_model_compile) void *oct_model_compile(oct_model *model, const uint8_t *source_sha256);

/// Frees the model, its bytes and all its plans. NULL is allowed.
OCT_API(oct_model_destroy) void oct_model_destroy(oct_model *model);

/// Makes what the model keeps between runs (its variables) what it was before the first run.
OCT_API(oct_model_reset) void oct_model_reset(oct_model *model);

/// JSON: {"format": "onnx"|"tflite"|"octavo", "inputs": [io...], "outputs": [io...], "operators": {"Conv": 52, ...},
/// "variables": [{"name", "dtype", "shape"}...]} where
/// io = {"name", "dtype", "shape": [1, null, ...], "quantization": null | {"scale": x, "zeroPoint": n}, "byValue": bool}.
/// dtype is what the caller passes or gets (int8, uint8, float32, int32, int64, bool); null is a dynamic dimension.
OCT_API(oct_model_describe) const char *oct_model_describe(oct_model *model);

/// Says what input `index` will hold, `byte_count` bytes (borrowed), where describe calls it "byValue": shapes depend on
/// its elements (the target of a Reshape, the axes of a Reduce), so that plans are for them too. Of no effect for others.
OCT_API(oct_model_set_value) int32_t oct_model_set_value(oct_model *model, uint32_t index, const void *data,
                                                         size_t byte_count);

// --- a plan: the model for given input shapes ------------------------------------------------------------------------

/// Plans for the given input shapes (and for the values said), or returns the plan made for them before. `dims` is, for each input in turn, its
/// rank and then its dimensions (`count` numbers in all); NULL and 0 take the model's own shapes, which must then be
/// static. Computes memory but allocates no activations. The plan belongs to the model; the model keeps the 4 most
/// recent ones, so a plan is valid until 4 others were made after it.
OCT_API(oct_model_plan) oct_plan *oct_model_plan(oct_model *model, const int32_t *dims, size_t count);

/// JSON: {"inputs": [tensor...], "outputs": [tensor...], "memory": {"model", "weights", "activations", "variables",
/// "plan"}, "macs", "steps": [step...], "rest": [{"name", "type"}...], "used": {"operators", "kernels", "formats", "onnx",
/// "tflite": [name...]}}, step = {"name", "type", "op", "kernel", "macs", "q8": bool, "parts", "inputs": [tensor...],
/// "outputs": [tensor...]} and, of control flow, "bodies": [[step...]...], of one that stands for several, which run together,
/// "joins": [step...]; tensor = {"name", "dtype", "shape", "bytes"};
/// memory in bytes; "rest" are the nodes that a run plans from what it computes (oct_plan_go_on), the outputs' shapes may
/// have nulls then or be null; "used" is what a build needs that is for the models seen so far alone (src/base/keep.h).
OCT_API(oct_plan_describe) const char *oct_plan_describe(oct_plan *plan);

/// JSON: the member "memory" alone: what is held now, activations and weights counted also before they are allocated.
OCT_API(oct_plan_held) const char *oct_plan_held(oct_plan *plan);

/// Allocates activations and packs weights, unless done, and frees what no plan of the model can need any more of its
/// bytes and constants (runtime/release.h): oct_plan_held then says less. Plans of one model share the activations'
/// memory: committing or running one overwrites the inputs and outputs of the others.
OCT_API(oct_plan_commit) int32_t oct_plan_commit(oct_plan *plan);

/// Where the bytes of input or output `index` are, in the model's order; the plan must be committed (again, if
/// another plan was since). Outputs are valid until the next run. NULL if out of range.
OCT_API(oct_plan_input) void *oct_plan_input(oct_plan *plan, uint32_t index);
OCT_API(oct_plan_output) void *oct_plan_output(oct_plan *plan, uint32_t index);

/// JSON: the member "outputs" alone.
OCT_API(oct_plan_outputs) const char *oct_plan_outputs(oct_plan *plan);

/// Whether the plan's steps are not the whole run: the shapes of the rest depend on what they compute.
OCT_API(oct_plan_is_cut) uint32_t oct_plan_is_cut(const oct_plan *plan);

/// Plans the rest of a plan that is cut and has run, and commits it; it may be cut itself. It lives until the plan that
/// it is the rest of goes on again, or goes. The outputs are the last one's: a cut plan has none (NULL).
OCT_API(oct_plan_go_on) oct_plan *oct_plan_go_on(oct_plan *plan);

OCT_API(oct_plan_step_count) uint32_t oct_plan_step_count(const oct_plan *plan);

/// Runs steps [begin, end) of a committed plan; a run is 0..step_count in any number of pieces, in order. Inputs may
/// be overwritten by the run: write them again before the next.
OCT_API(oct_plan_run) void oct_plan_run(oct_plan *plan, uint32_t begin, uint32_t end);

// --- threads ---------------------------------------------------------------------------------------------------------

/// Lets plans made from here on use up to `threads` threads, the caller's own included; 1 until told otherwise.
/// `may_wait`: whether the calling thread may sleep (the main thread of a page may not). Results do not depend on it.
OCT_API(oct_threads_allow) void oct_threads_allow(uint32_t threads, uint32_t may_wait);

/// How many threads the plan gains from: 1 where it is over before they would be of use.
OCT_API(oct_plan_threads) uint32_t oct_plan_threads(const oct_plan *plan);

/// Lends the calling thread to the engine, for good in wasm: there it is another instance of the same module over the
/// same memory, on a stack of its own. Threads may come at any time, and need not come.
OCT_API(oct_thread_run) void oct_thread_run(void);

/// To be called by a thread whose oct_thread_run crashed: the run that waits for it crashes, too, and does not hang.
OCT_API(oct_thread_fail) void oct_thread_fail(void);

// --- images (src/image): RGBA in, bytes or floats out ----------------------------------------------------------------

/// Resamples a rectangle of an RGBA8 image [in_h, in_w, 4] to RGBA8 [out_h, out_w, 4]: area average when shrinking,
/// bilinear when growing, per axis. x, y, w, h: the source rectangle in pixels, inside the image.
OCT_API(oct_image_resize) int32_t oct_image_resize(const uint8_t *rgba, int32_t in_w, int32_t in_h, float x, float y,
                                                   float w, float h, uint8_t *out, int32_t out_w, int32_t out_h);

/// Perspective warp: out pixel (u + 0.5, v + 0.5) is sampled bilinearly at the source point H * (u, v, 1), where H is 9
/// floats, row-major. Rows v0..v1 of an out_w x (v1 - v0) RGBA8 buffer are written, so that a page can be warped in
/// strips. Outside the source the nearest edge pixel is taken. `taps` (1..4): averages taps x taps samples a pixel.
OCT_API(oct_image_warp) int32_t oct_image_warp(const uint8_t *rgba, int32_t in_w, int32_t in_h, const float *H,
                                               uint8_t *out, int32_t out_w, int32_t v0, int32_t v1, int32_t taps);

/// How a tensor stores pixels.
enum { OCT_IMAGE_NHWC = 0, OCT_IMAGE_NCHW = 1 };

/// RGBA8 [h, w, 4] to a tensor [h, w, channels] or [channels, h, w] of `dtype` (1: float32, 4: int8, 5: uint8, as
/// base/dtype.inc counts): value = (pixel * scale[c] + offset[c]), and for int8/uint8 rounded half to even and
/// saturated (quantization is folded into scale and offset). channels 1 is BT.601 luma, 3 RGB (`bgr`: BGR), 4 RGBA.
/// `stride` is the source row's length in bytes.
OCT_API(oct_image_to_tensor) int32_t oct_image_to_tensor(const uint8_t *rgba, int32_t w, int32_t h, int32_t stride,
                                                         int32_t channels, int32_t bgr, const float *scale,
                                                         const float *offset, int32_t layout, int32_t dtype, void *out);

/// The way back: a tensor of 1 or 3 channels to RGBA8 (alpha 255): pixel = value * scale + offset, rounded, saturated.
OCT_API(oct_image_from_tensor) int32_t oct_image_from_tensor(const void *tensor, int32_t dtype, int32_t layout,
                                                             int32_t channels, int32_t w, int32_t h, float scale,
                                                             float offset, uint8_t *rgba, int32_t stride);

#endif
