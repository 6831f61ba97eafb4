// SPDX-License-Identifier: MIT
//
// The exports: octavo.h over a session. Reports are written here; nothing is decided here.
#include "octavo.h"

#include "api/json.h"
#include "base/arena.h"
#include "base/keep.h"
#include "formats/formats.h"
#include "kernels/kernels.h"
#include "runtime/band.h"
#include "runtime/session.h"

#ifndef OCT_BUILD_NAME
#define OCT_BUILD_NAME "native"
#endif

struct oct_model {
  oct_session session;
  oct_format format;
  oct_json report;
  oct_session_file files[];
};

uint32_t oct_abi_version(void) { return OCT_ABI_VERSION; }
const char *oct_build_name(void) { return OCT_BUILD_NAME; }
void *oct_alloc(size_t bytes) { return oct_block_alloc(bytes); }
void oct_free(void *block) { oct_block_free(block); }

static const char *finish(oct_json *json) {
  if (!json->failed) return json->text;
  oct_fail(OCT_OUT_OF_MEMORY, "close other models", "cannot allocate a report");
  return NULL;
}

static void text_member(oct_json *json, const char *name, const char *text) {
  oct_json_key(json, name);
  oct_json_string(json, text);
}

static void number_member(oct_json *json, const char *name, double number) {
  oct_json_key(json, name);
  oct_json_number(json, number);
}

const char *oct_error(void) {
  static oct_json json;
  const oct_failure *error = oct_last_error();
  oct_json_reset(&json);
  oct_json_open(&json, '{');
  text_member(&json, "code", oct_status_code(error->status));
  text_member(&json, "message", error->message);
  text_member(&json, "node", error->node);
  text_member(&json, "hint", error->hint);
  oct_json_close(&json, '}');
  return json.failed ? "{\"code\":\"out_of_memory\",\"message\":\"out of memory\",\"node\":\"\",\"hint\":\"\"}" : json.text;
}

// --- a model --------------------------------------------------------------------------------------------------------

static void tell_file(void *json, const char *name) { oct_json_string(json, name); }

const char *oct_model_files(const void *bytes, size_t byte_count) {
  static oct_json json;
  oct_json_reset(&json);
  oct_json_open(&json, '[');
  if (OCT_HAS_FORMAT_ONNX && oct_format_of(bytes, byte_count) == OCT_FORMAT_ONNX &&
      oct_onnx_files(bytes, byte_count, tell_file, &json) != OCT_OK)
    return NULL;
  oct_json_close(&json, ']');
  return finish(&json);
}

#if OCT_HAS_FORMAT_ONNX
static oct_status read_onnx(oct_session *session) {
  const oct_session_file *files = session->files;
  const size_t others = session->file_count - 1;
  oct_bytes *list = oct_arena_alloc(&session->graph.arena, others * sizeof *list);
  if (!list) return OCT_OUT_OF_MEMORY;
  for (size_t f = 0; f < others; f++) list[f] = (oct_bytes){files[f + 1].bytes, files[f + 1].byte_count};
  return oct_onnx_read(files->bytes, files->byte_count, list, others, &session->graph);
}
#endif

static oct_status read_model(oct_model *model) {
  oct_session *session = &model->session;
  const oct_session_file file = *session->files;
  model->format = oct_format_of(file.bytes, file.byte_count);
  switch (model->format) {
#if OCT_HAS_FORMAT_ONNX
    case OCT_FORMAT_ONNX: return read_onnx(session);
#endif
#if OCT_HAS_FORMAT_TFLITE
    case OCT_FORMAT_TFLITE: return oct_tflite_read(file.bytes, file.byte_count, &session->graph);
#endif
#if OCT_HAS_FORMAT_PREPARED
    case OCT_FORMAT_PREPARED: return oct_prepared_read(file.bytes, file.byte_count, &session->graph);
#endif
    case OCT_FORMAT_UNKNOWN:
      return oct_fail(OCT_INVALID_MODEL, "pass the bytes of an .onnx, .tflite or .octavo file",
                      "these %zu bytes are neither an ONNX nor a TFLite model, nor a prepared one", file.byte_count);
    default:
      return oct_fail(OCT_UNSUPPORTED_MODEL, "build it again for this model, too: octavo build --models MODEL ...",
                      "this build of Octavo lacks the reader of the model's format");
  }
}

oct_model *oct_model_create(const oct_file *files, size_t file_count) {
  oct_model *model = oct_block_alloc(sizeof *model + file_count * sizeof *model->files);
  if (!model) {
    for (size_t f = 0; f < file_count; f++) oct_block_free(files[f].bytes);
    return NULL;
  }
  *model = (oct_model){.session = {.files = model->files, .file_count = file_count}};
  for (size_t f = 0; f < file_count; f++)
    model->files[f] = (oct_session_file){.bytes = files[f].bytes, .byte_count = files[f].byte_count};
  if (read_model(model) == OCT_OK && oct_session_open(&model->session) == OCT_OK) return model;
  oct_model_destroy(model);
  return NULL;
}

void oct_model_destroy(oct_model *model) {
  if (!model) return;
  oct_session_close(&model->session);
  oct_json_free(&model->report);
  oct_block_free(model);
}

void oct_model_reset(oct_model *model) { oct_session_reset(&model->session); }

void *oct_model_compile(oct_model *model, const uint8_t *source_sha256) {
  const char *why = !OCT_HAS_FORMAT_PREPARED                ? "this build of Octavo lacks the format of prepared models"
                    : model->format == OCT_FORMAT_PREPARED ? "the model is a prepared one already"
                    : model->session.activations           ? "a model that has run does not have all its constants any more"
                                                           : NULL;
  size_t size;
  if (!why) return oct_prepared_write(&model->session.graph, source_sha256, &size);
  oct_fail(OCT_INVALID_ARGUMENT, "compile the .onnx or .tflite file, with a full build", "%s", why);
  return NULL;
}

static void shape_member(oct_json *json, const oct_shape *shape) {
  oct_json_key(json, "shape");
  if (shape->rank < 0) return oct_json_null(json);
  oct_json_open(json, '[');
  for (int i = 0; i < shape->rank; i++) {
    if (shape->dim[i] < 0) oct_json_null(json);
    else oct_json_number(json, shape->dim[i]);
  }
  oct_json_close(json, ']');
}

/// What a raw int8 or uint8 tensor at the graph's edge means: the quantization of the q8 value that it is the bytes of.
static bool edge_quant(const oct_graph *graph, oct_value_id id, float *scale, int32_t *zero_point) {
  const oct_value *value = &graph->values[id];
  if (value->quant && value->quant->count == 1 && value->dtype != OCT_Q8) {
    *scale = value->quant->scale[0];
    *zero_point = value->quant->zero_point[0];
    return true;
  }
  for (int32_t n = 0; n < graph->node_count; n++) {
    const oct_node *node = &graph->nodes[n];
    if (node->op != OCT_OP_REINTERPRET || (node->inputs[0] != id && node->outputs[0] != id)) continue;
    const oct_value *q8 = &graph->values[node->inputs[0] == id ? node->outputs[0] : node->inputs[0]];
    if (q8->dtype != OCT_Q8 || !q8->quant) continue;
    *scale = q8->quant->scale[0];
    *zero_point = q8->quant->zero_point[0] - oct_act_zero_point(value->dtype, 0);
    return true;
  }
  return false;
}

static void describe_edges(oct_json *json, const char *name, const oct_graph *graph, const oct_value_id *ids,
                           int32_t count, const oct_session_value *values) {
  oct_json_key(json, name);
  oct_json_open(json, '[');
  for (int32_t i = 0; i < count; i++) {
    const oct_value *value = &graph->values[ids[i]];
    float scale;
    int32_t zero_point;
    oct_json_open(json, '{');
    text_member(json, "name", value->name);
    text_member(json, "dtype", oct_dtype_name(value->dtype));
    shape_member(json, &value->shape);
    oct_json_key(json, "quantization");
    if (edge_quant(graph, ids[i], &scale, &zero_point)) {
      oct_json_open(json, '{');
      number_member(json, "scale", scale);
      number_member(json, "zeroPoint", zero_point);
      oct_json_close(json, '}');
    } else {
      oct_json_null(json);
    }
    if (values) {
      oct_json_key(json, "byValue");
      oct_json_bool(json, values[i].needed);
    }
    oct_json_close(json, '}');
  }
  oct_json_close(json, ']');
}

static void describe_variables(oct_json *json, const oct_graph *graph) {
  oct_json_key(json, "variables");
  oct_json_open(json, '[');
  for (int32_t i = 0; i < graph->external_count; i++) {
    const oct_value *value = &graph->values[graph->externals[i].value];
    oct_json_open(json, '{');
    text_member(json, "name", value->name);
    text_member(json, "dtype", oct_dtype_name(value->dtype));
    shape_member(json, &value->shape);
    oct_json_close(json, '}');
  }
  oct_json_close(json, ']');
}

const char *oct_model_describe(oct_model *model) {
  const oct_session *session = &model->session;
  const oct_graph *graph = &session->graph;
  oct_json *json = &model->report;
  oct_json_reset(json);
  oct_json_open(json, '{');
  text_member(json, "format", oct_format_name(model->format));
  describe_edges(json, "inputs", graph, graph->inputs, graph->input_count, session->values);
  describe_edges(json, "outputs", graph, graph->outputs, graph->output_count, NULL);
  oct_json_key(json, "operators");
  oct_json_open(json, '{');
  for (int32_t i = 0; i < graph->operator_count; i++)
    number_member(json, graph->operators[i].type, graph->operators[i].count);
  oct_json_close(json, '}');
  describe_variables(json, graph);
  oct_json_close(json, '}');
  return finish(json);
}

int32_t oct_model_set_value(oct_model *model, uint32_t index, const void *data, size_t byte_count) {
  if (index >= (uint32_t)model->session.graph.input_count)
    return oct_fail(OCT_INVALID_ARGUMENT, "count inputs from 0", "the model has no input %u", (unsigned)index);
  return oct_session_set_value(&model->session, (int32_t)index, data, byte_count);
}

// --- a plan ---------------------------------------------------------------------------------------------------------

static oct_status read_shapes(const oct_graph *graph, const int32_t *dims, size_t count, oct_shape *shapes) {
  static const char hint[] = "pass, for each input in turn, its rank and its dimensions";
  size_t at = 0;
  for (int32_t i = 0; i < graph->input_count; i++) {
    if (!dims || !count) {
      shapes[i] = graph->values[graph->inputs[i]].shape;
      if (oct_shape_is_static(&shapes[i])) continue;
      char text[112];
      return oct_fail(OCT_INVALID_SHAPE, "say the shape that the inputs will have",
                      "input '%s' has the dynamic shape %s", graph->values[graph->inputs[i]].name,
                      oct_shape_print(&shapes[i], text));
    }
    if (at >= count || dims[at] < 0 || dims[at] > OCT_MAX_RANK || (size_t)dims[at] > count - at - 1)
      return oct_fail(OCT_INVALID_ARGUMENT, hint, "the list of input shapes is malformed at number %zu", at);
    shapes[i] = (oct_shape){.rank = dims[at++]};
    for (int d = 0; d < shapes[i].rank; d++) shapes[i].dim[d] = dims[at++];
  }
  if (dims && at != count)
    return oct_fail(OCT_INVALID_ARGUMENT, hint, "the list of input shapes has %zu numbers too many", count - at);
  return OCT_OK;
}

oct_plan *oct_model_plan(oct_model *model, const int32_t *dims, size_t count) {
  const oct_graph *graph = &model->session.graph;
  oct_arena work = {0};
  oct_shape *shapes = oct_arena_alloc(&work, (size_t)(graph->input_count + 1) * sizeof *shapes);
  oct_plan *plan = NULL;
  if (shapes && read_shapes(graph, dims, count, shapes) == OCT_OK)
    plan = oct_session_plan_for(&model->session, shapes);
  if (plan) plan->owner = model;
  oct_arena_free(&work);
  return plan;
}

static void describe_value(oct_json *json, const oct_value *value) {
  size_t bytes = 0;
  oct_shape_checked_bytes(&value->shape, oct_dtype_bytes(value->dtype), &bytes);
  oct_json_open(json, '{');
  text_member(json, "name", value->name);
  text_member(json, "dtype", oct_dtype_name(value->dtype));
  shape_member(json, &value->shape);
  number_member(json, "bytes", (double)bytes);
  oct_json_close(json, '}');
}

/// The model's outputs; of a plan that is cut what is known of them.
static void describe_outputs(oct_json *json, const oct_plan *plan) {
  const oct_graph *graph = plan->rest.node_count ? &plan->rest : &plan->graph;
  oct_json_open(json, '[');
  for (int32_t i = 0; i < graph->output_count; i++) describe_value(json, &graph->values[graph->outputs[i]]);
  oct_json_close(json, ']');
}

static void describe_tensors(oct_json *json, const char *name, const oct_plan *plan, const oct_value_id *ids,
                             int32_t count) {
  oct_json_key(json, name);
  oct_json_open(json, '[');
  for (int32_t i = 0; i < count; i++)
    if (ids[i] != OCT_NO_VALUE) describe_value(json, &plan->graph.values[ids[i]]);
  oct_json_close(json, ']');
}

/// A step computes in int8 if it reads and writes quantized bytes; the conversions at the edges are counted with the
/// integers, since they are what integers cost.
static bool step_is_q8(const oct_step *step) {
  return (step->node->input_count > 0 && step->inputs[0].dtype == OCT_Q8) ||
         (step->node->output_count > 0 && step->outputs[0].dtype == OCT_Q8);
}

static void describe_steps(oct_json *json, const oct_plan *plan);
static void describe_step(oct_json *json, const oct_plan *plan, const oct_step *step);

/// The steps that it stands for, if there are any.
static void describe_joined(oct_json *json, const oct_plan *plan, const oct_step *step) {
  int32_t count;
  const oct_step *steps = oct_band_steps(step, &count);
  if (!steps) return;
  oct_json_key(json, "joins");
  oct_json_open(json, '[');
  for (int32_t i = 0; i < count; i++) describe_step(json, plan, &steps[i]);
  oct_json_close(json, ']');
}

/// The steps of the bodies that the step runs, where there are any.
static void describe_bodies(oct_json *json, const oct_plan *plan, const oct_step *step) {
  if (!step->node->bodies[0]) return;
  oct_json_key(json, "bodies");
  oct_json_open(json, '[');
  for (const oct_body_plan *body = plan->bodies; body; body = body->next)
    if (body->step == step) describe_steps(json, body->plan);
  oct_json_close(json, ']');
}

static void describe_step(oct_json *json, const oct_plan *plan, const oct_step *step) {
  const oct_node *node = step->node;
  oct_json_open(json, '{');
  text_member(json, "name", node->name);
  text_member(json, "type", node->type);
  text_member(json, "op", oct_operator_name(node->op));
  text_member(json, "kernel", step->kernel ? step->kernel : "");
  number_member(json, "macs", (double)step->macs);
  oct_json_key(json, "q8");
  oct_json_bool(json, step_is_q8(step));
  number_member(json, "parts", step->parts);
  describe_tensors(json, "inputs", plan, node->inputs, node->input_count);
  describe_tensors(json, "outputs", plan, node->outputs, node->output_count);
  describe_bodies(json, plan, step);
  describe_joined(json, plan, step);
  oct_json_close(json, '}');
}

static void describe_steps(oct_json *json, const oct_plan *plan) {
  oct_json_open(json, '[');
  for (uint32_t s = 0; s < plan->step_count; s++) describe_step(json, plan, &plan->steps[s]);
  oct_json_close(json, ']');
}

/// The nodes that a run plans.
static void describe_rest(oct_json *json, const oct_graph *rest) {
  oct_json_key(json, "rest");
  oct_json_open(json, '[');
  for (int32_t n = 0; n < rest->node_count; n++) {
    oct_json_open(json, '{');
    text_member(json, "name", rest->nodes[n].name);
    text_member(json, "type", rest->nodes[n].type);
    oct_json_close(json, '}');
  }
  oct_json_close(json, ']');
}

static void list_used(oct_json *json, const char *name, const char *(*listed)(size_t index, bool *is_used)) {
  oct_json_key(json, name);
  oct_json_open(json, '[');
  bool is_used = false;
  for (size_t i = 0; listed(i, &is_used); i++)
    if (is_used) oct_json_string(json, listed(i, &is_used));
  oct_json_close(json, ']');
}

static const char *listed_operator(size_t index, bool *is_used) {
  if (index >= OCT_OP_COUNT) return NULL;
  *is_used = oct_operator_is_used((oct_operator)index);
  return oct_operator_name((oct_operator)index);
}

static const char *met_operator(size_t index, bool *is_met) {
  if (index >= OCT_OP_COUNT) return NULL;
  *is_met = oct_operator_is_met((oct_operator)index);
  return oct_operator_name((oct_operator)index);
}

static const char *listed_family(size_t index, bool *is_used) {
  if (index >= OCT_FAMILY_COUNT) return NULL;
  *is_used = oct_kernel_family_is_used((oct_family)index);
  return oct_kernel_family_name((oct_family)index);
}

/// What a build has to have that is for the models seen so far, and no others: of each list the names that were asked for.
static void describe_used(oct_json *json, oct_format format) {
  oct_json_key(json, "used");
  oct_json_open(json, '{');
  list_used(json, "operators", listed_operator);
  list_used(json, "met", met_operator);
  list_used(json, "kernels", listed_family);
  oct_json_key(json, "formats");
  oct_json_open(json, '[');
  oct_json_string(json, oct_format_name(format));
  oct_json_close(json, ']');
#if OCT_HAS_FORMAT_ONNX
  list_used(json, "onnx", oct_onnx_listed);
#endif
#if OCT_HAS_FORMAT_TFLITE
  list_used(json, "tflite", oct_tflite_listed);
#endif
  oct_json_close(json, '}');
}

static void describe_memory(oct_json *json, const oct_plan *plan) {
  const oct_session *session = &((const oct_model *)plan->owner)->session;
  oct_json_open(json, '{');
  number_member(json, "model", (double)oct_session_file_bytes(session));
  number_member(json, "weights", (double)plan->weight_bytes);
  number_member(json, "activations", (double)plan->activation_bytes);
  number_member(json, "variables", (double)session->variable_bytes);
  number_member(json, "plan", (double)(oct_plan_bytes(plan) + oct_graph_bytes(&session->graph)));
  oct_json_close(json, '}');
}

const char *oct_plan_describe(oct_plan *plan) {
  oct_model *model = plan->owner;
  oct_json *json = &model->report;
  oct_json_reset(json);
  oct_json_open(json, '{');
  describe_tensors(json, "inputs", plan, plan->graph.inputs, plan->graph.input_count);
  oct_json_key(json, "outputs");
  describe_outputs(json, plan);
  oct_json_key(json, "memory");
  describe_memory(json, plan);
  number_member(json, "macs", (double)plan->macs);
  oct_json_key(json, "steps");
  describe_steps(json, plan);
  describe_rest(json, &plan->rest);
  describe_used(json, model->format);
  oct_json_close(json, '}');
  return finish(json);
}

const char *oct_plan_held(oct_plan *plan) {
  oct_json *json = &((oct_model *)plan->owner)->report;
  oct_json_reset(json);
  describe_memory(json, plan);
  return finish(json);
}

int32_t oct_plan_commit(oct_plan *plan) { return (int32_t)oct_session_commit(&((oct_model *)plan->owner)->session, plan); }

uint32_t oct_plan_is_cut(const oct_plan *plan) { return plan->rest.node_count > 0; }

oct_plan *oct_plan_go_on(oct_plan *plan) {
  oct_session *session = &((oct_model *)plan->owner)->session;
  const bool is_there = plan->stage || session->bound == plan;
  if (is_there && plan->rest.node_count) return oct_plan_rest(plan, &session->packed);
  oct_fail(OCT_INVALID_ARGUMENT, "commit and run a plan that is cut", "the plan is %s",
           is_there ? "whole" : "not committed");
  return NULL;
}

const char *oct_plan_outputs(oct_plan *plan) {
  oct_json *json = &((oct_model *)plan->owner)->report;
  oct_json_reset(json);
  describe_outputs(json, plan);
  return finish(json);
}

void *oct_plan_input(oct_plan *plan, uint32_t index) {
  if (index >= (uint32_t)plan->graph.input_count) return NULL;
  return plan->tensors[plan->graph.inputs[index]].data;
}

void *oct_plan_output(oct_plan *plan, uint32_t index) {
  if (index >= (uint32_t)plan->graph.output_count || plan->rest.node_count) return NULL;
  return plan->tensors[plan->graph.outputs[index]].data;
}

uint32_t oct_plan_step_count(const oct_plan *plan) { return plan->step_count; }

void oct_plan_run(oct_plan *plan, uint32_t begin, uint32_t end) { oct_plan_steps(plan, begin, end); }

// --- threads --------------------------------------------------------------------------------------------------------

void oct_threads_allow(uint32_t threads, uint32_t may_wait) {
  oct_parallel_allow(threads < OCT_MAX_THREADS ? (int32_t)threads : OCT_MAX_THREADS, may_wait != 0);
}

uint32_t oct_plan_threads(const oct_plan *plan) {
  const double worth_nanoseconds = 1e6; // starting a thread costs a browser some milliseconds of work
  return plan->split_ns >= worth_nanoseconds ? (uint32_t)plan->parts : 1;
}

void oct_thread_run(void) { oct_parallel_enter(); }
void oct_thread_fail(void) { oct_parallel_fail(); }
