// SPDX-License-Identifier: MIT
//
// The functions of a GEMM kernel that takes tiles of up to 6 rows, and the choice between them. Included where
// run_tile(tile, rows), which is compiled once for each number of rows, and tile_1(tile) are defined.
#ifndef OCT_KERNELS_TILES_H
#define OCT_KERNELS_TILES_H

#define OCT_TILE(rows)                                                                                                 \
  OCT_APART void tile_##rows(const oct_gemm_tile *tile) { run_tile(tile, rows); }
OCT_TILE(2)
OCT_TILE(3)
OCT_TILE(4)
OCT_TILE(5)
OCT_TILE(6)

/// By a switch: calls through a table would be slower.
OCT_INLINE void run_any_tile(const oct_gemm_tile *tile) {
  switch (tile->m) {
    case 1: tile_1(tile); return;
    case 2: tile_2(tile); return;
    case 3: tile_3(tile); return;
    case 4: tile_4(tile); return;
    case 5: tile_5(tile); return;
    default: tile_6(tile);
  }
}

#endif
