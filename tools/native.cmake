# SPDX-License-Identifier: MIT
#
# The native builds: the engine once for each sign of an activation byte, and every test linked with both, so that what
# holds for x86 browsers and for ARM ones is tested on one machine. Kernels are their plain C references here.
enable_testing()
list(FILTER sources EXCLUDE REGEX "/(simd128|relaxed|dot)[^/]*\\.c$|_wasm\\.c$")

foreach(sign 0 1)
  if(sign)
    set(suffix s8)
  else()
    set(suffix u8)
  endif()
  add_library(octavo_${suffix} STATIC ${sources})
  target_compile_definitions(octavo_${suffix} PUBLIC OCT_ACT_SIGNED=${sign} OCT_BUILD_NAME="native")
  target_link_libraries(octavo_${suffix} PUBLIC m)
  foreach(path ${tests})
    test_name(${path} name)
    add_executable(${name}_${suffix} ${path})
    target_include_directories(${name}_${suffix} PRIVATE tests)
    target_link_libraries(${name}_${suffix} octavo_${suffix})
    add_test(NAME ${name}_${suffix} COMMAND ${name}_${suffix} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  endforeach()
endforeach()

# The fuzz targets see the engine itself instrumented for coverage.
if(fuzzers)
  add_library(octavo_fuzz STATIC EXCLUDE_FROM_ALL ${sources})
  target_compile_definitions(octavo_fuzz PUBLIC OCT_ACT_SIGNED=0 OCT_BUILD_NAME="native" OCT_FOLDING_COST=16777216)
  target_compile_options(octavo_fuzz PUBLIC -fsanitize=fuzzer-no-link)
  target_link_libraries(octavo_fuzz PUBLIC m)
  add_custom_target(fuzzers)
  foreach(path ${fuzzers})
    cmake_path(GET path STEM stem)
    add_executable(fuzz_${stem} EXCLUDE_FROM_ALL ${path})
    target_include_directories(fuzz_${stem} PRIVATE tests)
    target_link_libraries(fuzz_${stem} octavo_fuzz -fsanitize=fuzzer)
    add_dependencies(fuzzers fuzz_${stem})
  endforeach()
endif()

# The kernels of the other machines, natively: SIMDe writes wasm's instructions in the ones at hand, so that sanitizers
# see them too, and x86 can test the build for ARM. With the package libsimde-dev; CI has it. A check at every pointer of
# an unrolled tile would take a compiler minutes a file; what they reach, the address sanitizer sees.
find_path(simde simde/wasm/simd128.h)
if(simde)
  file(GLOB_RECURSE kernel_sources CONFIGURE_DEPENDS src/kernels/*.c src/base/*.c)
  list(FILTER kernel_sources EXCLUDE REGEX "_wasm\\.c$")
  foreach(suffix u8 s8)
    add_executable(kernels_simd_${suffix} tests/kernels/kernels.test.c ${kernel_sources})
    target_include_directories(kernels_simd_${suffix} PRIVATE tests tests/kernels/simde ${simde})
    target_compile_options(kernels_simd_${suffix} PRIVATE -Wno-unused-parameter -fno-sanitize=pointer-overflow,object-size)
    target_compile_definitions(kernels_simd_${suffix} PRIVATE __wasm_simd128__ OCT_RELAXED=1 OCT_DOT=1 OCT_ACT_SIGNED=$<STREQUAL:${suffix},s8>)
    target_link_libraries(kernels_simd_${suffix} PRIVATE m)
    add_test(NAME kernels_simd_${suffix} COMMAND kernels_simd_${suffix})
  endforeach()
endif()
