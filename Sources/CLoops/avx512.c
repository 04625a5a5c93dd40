/* The loops for AVX-512: one register makes the 16 lanes. */
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), \
                             apply_to = function)
#define TABLE cloops_avx512
#define LAYER_TABLE clayers_avx512
#define NAME "avx512"
/* Floats in a register. */
#define REGISTER 16
#define GROUPS 4
#include "loops.inc"
#pragma clang attribute pop
