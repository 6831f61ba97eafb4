/** What oct_abi_version must answer. */
export declare const ABI_VERSION = 4;
/** Limits of the memory that a module imports, in pages of 64 KiB. */
export declare const MEMORY_INITIAL_PAGES = 64;
export declare const MEMORY_MAXIMUM_PAGES = 65536;
/** What each thread's stack has. */
export declare const STACK_BYTES = 262144;
/** Status codes, by number. */
export declare const STATUSES: readonly ['ok', 'out_of_memory', 'invalid_argument', 'invalid_shape', 'invalid_model', 'unsupported_model', 'internal'];
/** Element types, by number: the name in the API and the bytes an element has. */
export declare const DTYPES: readonly [{
    readonly name: 'none';
    readonly bytes: 0;
}, {
    readonly name: 'float32';
    readonly bytes: 4;
}, {
    readonly name: 'float16';
    readonly bytes: 2;
}, {
    readonly name: 'float64';
    readonly bytes: 8;
}, {
    readonly name: 'int8';
    readonly bytes: 1;
}, {
    readonly name: 'uint8';
    readonly bytes: 1;
}, {
    readonly name: 'int16';
    readonly bytes: 2;
}, {
    readonly name: 'uint16';
    readonly bytes: 2;
}, {
    readonly name: 'int32';
    readonly bytes: 4;
}, {
    readonly name: 'uint32';
    readonly bytes: 4;
}, {
    readonly name: 'int64';
    readonly bytes: 8;
}, {
    readonly name: 'uint64';
    readonly bytes: 8;
}, {
    readonly name: 'bool';
    readonly bytes: 1;
}, {
    readonly name: 'q8';
    readonly bytes: 1;
}];
export declare const IMAGE_NHWC = 0;
export declare const IMAGE_NCHW = 1;
/** Every function that a module exports. */
export declare const FUNCTIONS: readonly ['oct_abi_version', 'oct_build_name', 'oct_error', 'oct_alloc', 'oct_free', 'oct_model_files', 'oct_model_create', 'oct_model_compile', 'oct_model_destroy', 'oct_model_reset', 'oct_model_describe', 'oct_model_set_value', 'oct_model_plan', 'oct_plan_describe', 'oct_plan_held', 'oct_plan_commit', 'oct_plan_input', 'oct_plan_output', 'oct_plan_outputs', 'oct_plan_is_cut', 'oct_plan_go_on', 'oct_plan_step_count', 'oct_plan_run', 'oct_threads_allow', 'oct_plan_threads', 'oct_thread_run', 'oct_thread_fail', 'oct_image_resize', 'oct_image_warp', 'oct_image_to_tensor', 'oct_image_from_tensor'];
