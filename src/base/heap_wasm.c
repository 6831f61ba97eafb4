// SPDX-License-Identifier: MIT
//
// The heap's end in a bare wasm module. Emscripten's allocator asks sbrk for address space; Emscripten's own sbrk asks
// JavaScript to grow the memory, and the module has no imports to ask with. This one grows the memory itself.
//
// The heap starts where the linker says that static data and the stack end, and only grows; a request of 2 GiB or more
// arrives as a negative increment and is refused. A refusal (this one, the engine's maximum, or the machine's memory)
// comes back as the allocator's NULL, and from there as OCT_OUT_OF_MEMORY.
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAGE_BYTES = 65536 };

extern char __heap_base[]; // placed by wasm-ld

static uintptr_t heap_end;

void *sbrk(intptr_t increment) {
  if (!heap_end) heap_end = (uintptr_t)__heap_base;
  uintptr_t begin = heap_end;
  uint64_t end = (uint64_t)begin + (uint64_t)increment;
  uint64_t limit = (uint64_t)__builtin_wasm_memory_size(0) * PAGE_BYTES;
  size_t missing_pages = end > limit ? (size_t)((end - limit + PAGE_BYTES - 1) / PAGE_BYTES) : 0;
  bool granted = increment >= 0 && end <= UINT32_MAX &&
                 (!missing_pages || __builtin_wasm_memory_grow(0, missing_pages) != SIZE_MAX);
  if (!granted) {
    errno = ENOMEM;
    return (void *)-1;
  }
  heap_end = (uintptr_t)end;
  return (void *)begin;
}
