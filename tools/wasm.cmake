# SPDX-License-Identifier: MIT
#
# The WebAssembly builds, one a kind of machine (DESIGN: "One wasm file per kind of machine"). The same objects are linked
# twice: octavo_<machine>.wasm has a memory of its own, octavo_<machine>_threads.wasm one that threads can share.
#
# Objects are compiled by emcc, and linked by wasm-ld directly, because the module is a bare one: its only import is the
# memory, its only exports are the functions of octavo.h, and it has no start function. Emscripten's libc, compiler_rt
# and emmalloc are what it is linked with (for shared memory, those built with atomics: "ww"); base/heap_wasm.c gives them
# memory, and the library bulkmemory replaces the memcpy that would call JavaScript. wasm-opt takes a tenth off the
# linked module.
#
# Kernels and pixel loops are compiled for speed; the rest, which decides once what they do, for nothing but size.
execute_process(COMMAND em-config CACHE OUTPUT_VARIABLE cache OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND em-config LLVM_ROOT OUTPUT_VARIABLE llvm OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND em-config BINARYEN_ROOT OUTPUT_VARIABLE binaryen OUTPUT_STRIP_TRAILING_WHITESPACE)
find_program(wasm_ld NAMES wasm-ld wasm-ld-19 HINTS ${llvm} REQUIRED)
find_program(wasm_opt NAMES wasm-opt HINTS ${binaryen}/bin REQUIRED)
set(libraries ${cache}/sysroot/lib/wasm32-emscripten)

set(framework ${sources})
list(FILTER framework EXCLUDE REGEX "/src/(kernels|image)/")
set_source_files_properties(${framework} PROPERTIES COMPILE_OPTIONS -Oz)
set(opt_level -Os)
if(OCT_REDUCED)
  # Small first: what is not the kernels that the models use, and those for which nothing else stands in, is for size.
  include(${CMAKE_BINARY_DIR}/reduced.cmake)
  list(TRANSFORM plain_families REPLACE "(.+)" "${CMAKE_SOURCE_DIR}/src/kernels/\\1/ref.c")
  set(cold ${sources})
  list(FILTER cold INCLUDE REGEX "/src/image/|/pack\\.c$")
  set_source_files_properties(${cold} ${plain_families} PROPERTIES COMPILE_OPTIONS -Oz)
  set(opt_level -Oz --gufa -Oz) # what no value ever reaches goes, too
endif()

set(link_flags
  --no-entry --import-memory --initial-memory=4194304 --max-memory=4294967296
  --stack-first -z stack-size=262144 --export=__wasm_call_ctors --export=__stack_pointer
  --gc-sections --strip-all -O2)
set(libraries_alone -lemmalloc -lbulkmemory -lc -lcompiler_rt)
set(libraries_shared --shared-memory -lemmalloc-ww -lbulkmemory -lc-ww -lcompiler_rt-ww)

# Low memory: of the stack, which is first, the lowest 1024 bytes. What is kept apart (base/apart.h) is to stay apart.
set(opt_flags
  ${opt_level} --low-memory-unused --one-caller-inline-max-function-size=100
  --enable-simd --enable-relaxed-simd --enable-threads --enable-bulk-memory --enable-sign-ext --enable-mutable-globals
  --enable-nontrapping-float-to-int --enable-multivalue)

# A build of the given sign for a machine with `ARGN` (relaxed, dot) besides simd128; kernels.h says what they are.
function(add_variant name sign)
  set(machine_sources ${sources})
  set(flags -msimd128 -mbulk-memory -matomics)
  foreach(machine relaxed dot)
    if(NOT machine IN_LIST ARGN)
      list(FILTER machine_sources EXCLUDE REGEX "/${machine}[^/]*\\.c$")
    endif()
  endforeach()
  if(relaxed IN_LIST ARGN)
    list(APPEND flags -mrelaxed-simd)
  endif()

  add_library(objects_${name} OBJECT ${machine_sources})
  target_compile_options(objects_${name} PUBLIC ${flags})
  target_compile_definitions(objects_${name} PUBLIC OCT_ACT_SIGNED=${sign} OCT_BUILD_NAME="${name}")
  foreach(machine ${ARGN})
    string(TOUPPER ${machine} upper)
    target_compile_definitions(objects_${name} PUBLIC OCT_${upper}=1)
  endforeach()

  foreach(kind alone shared)
    set(module octavo_${name})
    if(kind STREQUAL shared)
      string(APPEND module _threads)
    endif()
    set(file ${CMAKE_BINARY_DIR}/${module}.wasm)
    add_custom_command(OUTPUT ${file}
      COMMAND ${wasm_ld} ${link_flags} $<TARGET_OBJECTS:objects_${name}>
              -L${libraries} ${libraries_${kind}} -o ${file}.linked
      COMMAND ${wasm_opt} ${opt_flags} ${file}.linked -o ${file}
      DEPENDS objects_${name} $<TARGET_OBJECTS:objects_${name}> COMMAND_EXPAND_LISTS VERBATIM)
    add_custom_target(${module} ALL DEPENDS ${file})
  endforeach()

  # The kernel tests run on the real instructions: kernels_*_<variant>.js, for Node.
  foreach(path ${tests})
    test_name(${path} test)
    if(test MATCHES "^kernels_")
      add_executable(${test}_${name} EXCLUDE_FROM_ALL ${path})
      target_include_directories(${test}_${name} PRIVATE tests)
      target_link_libraries(${test}_${name} objects_${name})
      target_link_options(${test}_${name} PRIVATE
                          -sENVIRONMENT=node -sALLOW_MEMORY_GROWTH -sEXIT_RUNTIME -sSTACK_SIZE=1MB)
      list(APPEND kernel_tests ${test}_${name})
      set(kernel_tests ${kernel_tests} PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

add_variant(simd128 0)
add_variant(relaxed 0 relaxed)
add_variant(relaxed_u8 0 relaxed dot)
add_variant(relaxed_s8 1 relaxed dot)
file(WRITE ${CMAKE_BINARY_DIR}/package.json "{ \"type\": \"commonjs\" }\n") # what emcc writes for Node
add_custom_target(kernel_tests DEPENDS ${kernel_tests})
