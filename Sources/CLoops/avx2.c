/* The loops for AVX2+FMA: two 8-lane registers make the 16 lanes. */
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define TABLE cloops_avx2
#define LAYER_TABLE clayers_avx2
#define NAME "avx2"
/* Floats in a register. */
#define REGISTER 8
/* Channel groups of 16 held in registers at once; 16 registers allow no more. */
#define GROUPS 2
#include "loops.inc"
#pragma clang attribute pop
