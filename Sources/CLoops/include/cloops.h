/* Element-wise loops of the networks, compiled once for AVX2+FMA and once for AVX-512.
 *
 * Both builds give the same bytes: multiply-adds are explicit, nothing is contracted or reassociated, a sum
 * over channels-last rows keeps one accumulator per channel and adds the rows in order, and every other sum
 * runs over 16 virtual lanes that one fixed tree folds. Pointers only; all sizes are counts of floats unless
 * said. Rows of "channels last" arrays hold CKERNELS_WIDTH floats. No function allocates.
 */
#ifndef CKERNELS_H
#define CKERNELS_H

#include "clayers.h"

#include <stddef.h>
#include <stdint.h>

/* Width of every hidden layer (paper, section 4). */
#define CKERNELS_WIDTH 64
/* Channels of a picture. */
#define CKERNELS_COLOURS 3

/* Batch norm of one layer as it stands after its statistics: channel by channel, (y - mean) * scale + shift. */
typedef struct {
    float mean[CKERNELS_WIDTH], scale[CKERNELS_WIDTH], shift[CKERNELS_WIDTH];
} cloops_normalisation;

/* What becomes of a convolution's sums: stored, stored where positive and 0 elsewhere, added to what is there. */
typedef enum { CKERNELS_STORE, CKERNELS_RELU, CKERNELS_ADD } cloops_ending;

/* Adam's coefficients at one time: decay of both moments and 1 minus it; the rate over the first moment's bias, the root
 * of the second's. */
typedef struct {
    float beta1, rest1, beta2, rest2, size, correction, epsilon;
} cloops_adam;

/* Constant function pointers, so any thread may share it. */
typedef struct __attribute__((swift_attr("@Sendable"))) {
    const char *name;

    /* --- sums over 16 lanes --------------------------------------------------------------------------- */

    /* sum of x[n]; sum of a[n]*b[n]; sum of |a[n] - b[n]| */
    float (*sum)(const float *x, size_t n);
    float (*dot)(const float *a, const float *b, size_t n);
    float (*absolute_difference)(const float *a, const float *b, size_t n);
    /* out (rows, vectors) = a (rows, n) times the transpose of b (vectors, n) */
    void (*row_dots)(const float *a, size_t rows, const float *b, size_t vectors, size_t n, float *out);
    /* out (n) = sum over rows of weight[row] * a (rows, n), rows in order */
    void (*combine_rows)(const float *a, size_t rows, const float *weight, size_t n, float *out);

    /* --- element-wise --------------------------------------------------------------------------------- */

    /* y += factor * x;  y = factor * x */
    void (*add_scaled)(float *y, const float *x, float factor, size_t n);
    void (*scale)(float *y, const float *x, float factor, size_t n);
    /* out = ln(x + shift), x + shift positive and normal; within 1e-6, of 1 or of its own size */
    void (*logarithms)(const float *x, float shift, size_t n, float *out);
    /* y += factor * x + outer_factor * left times right, all (rows, columns) */
    void (*add_scaled_outer)(float *y, const float *x, float factor, size_t rows, const float *left,
                             float outer_factor, const float *right, size_t columns);
    /* out (rows, columns) = left (rows) times right (columns) */
    void (*outer)(float *out, const float *left, size_t rows, const float *right, size_t columns);
    /* out[to[c]] (columns, rows) = factor * the transpose of in (rows, columns); to == NULL keeps the
     * order of the columns */
    void (*transpose_scaled)(float *out, const float *in, size_t rows, size_t columns, const int32_t *to,
                             float factor);

    /* --- batch norm and ReLU on channels-last rows ---------------------------------------------------- */

    /* sum[c] += sum of (y - shift), square[c] += sum of (y - shift)^2 over n rows */
    void (*moments)(const float *y, size_t n, const float *shift, float *sum, float *square);
    /* a = max(0, z), z = (y - mean) * scale + shift */
    void (*normalise_relu)(const float *y, size_t n, const cloops_normalisation *by, float *a);
    /* d (in place) = d where z > 0, else 0; sum[c] += d; product[c] += d * (y - mean) */
    void (*relu_backward)(const float *y, size_t n, const cloops_normalisation *by, float *d, float *sum,
                          float *product);
    /* d (in place) = a[c] * d + (b[c] * (y - mean[c]) + c[c]) */
    void (*normalise_backward)(const float *y, size_t n, const float *mean, const float *a, const float *b,
                               const float *c, float *d);

    /* --- discriminator's ends ------------------------------------------------------------------------- */

    /* expanded (side, side - taps + 1, taps * 3) from planes (3, side, side): for each row and window the
     * taps * 3 samples under it, colours last; and its transpose, which adds the windows up again */
    void (*expand)(const float *planes, size_t side, size_t taps, float *expanded);
    void (*expand_backward)(const float *expanded, size_t side, size_t taps, float *planes);
    /* expanded (.., span) += under (n, taps, span): window p's run of tap a belongs p * span + a * row further on */
    void (*add_taps)(const float *under, size_t n, size_t taps, size_t span, size_t row, float *expanded);
    /* logit[row] = bias + sum over channels of a * weight */
    void (*head)(const float *a, size_t n, const float *weight, float bias, float *logit);
    /* d (n rows) = dlogit[row] * weight; dweight[c] += dlogit[row] * a[row, c] */
    void (*head_backward)(const float *a, size_t n, const float *weight, const float *dlogit, float *d,
                          float *dweight);
    /* probability = sigmoid(logit); dlogit = factor * d|probability - target| / dlogit; returns the sum of
     * |probability - target|. probability may be NULL. */
    float (*sigmoid_l1)(const float *logit, size_t n, float target, float factor, float *probability,
                        float *dlogit);

    /* --- generator's collapsed kernel, stride 2 ------------------------------------------------------- */

    /* Columns of planes (3, rows, columns) into even and odd halves, each `half` floats a row (zero-filled):
     * split (3, rows, 2, half) */
    void (*split_columns)(const float *planes, size_t rows, size_t columns, size_t half, float *split);
    /* out (3, side, side)[y, x] = sum over a, b of kernel[a, b] * in[2y + a, 2x + b]; half >= side rounded up
     * to 16, plus taps / 2 */
    void (*convolve_stride2)(const float *split, size_t rows, size_t half, const float *kernel, size_t taps,
                             size_t side, float *out);
    /* dkernel (taps, taps) = its gradient under dout (3, side, side) */
    void (*convolve_stride2_backward)(const float *split, size_t rows, size_t half, const float *dout,
                                      size_t taps, size_t side, float *dkernel);

    /* --- 3x3 convolution of channels-last rows by Winograd's F(4x4, 3x3); channels are a multiple of 16 ------ */

    /* The 36 transformed values of `tiles` tiles, four columns apart, each from 6 columns of the six rows:
     * out[p * point + t * channels + c] */
    void (*winograd_gather)(const float *const *rows, size_t tiles, size_t channels, float *out, size_t point);
    /* The outputs of tiles from the 36 products of each: `columns` of the first `count` of four rows */
    void (*winograd_scatter)(const float *in, size_t point, size_t columns, size_t channels, float *const *rows,
                             size_t count, cloops_ending ending);

    /* --- updates -------------------------------------------------------------------------------------- */

    /* first = beta1 * first + rest1 * g;  second = beta2 * second + rest2 * g^2;
     * x -= size * first / (sqrt(second) / correction + epsilon) */
    void (*adam)(float *x, float *first, float *second, const float *gradient, size_t n,
                 const cloops_adam *by);

    /* --- random numbers ------------------------------------------------------------------------------- */

    /* n unit normals (n a multiple of 64) from Philox4x32-10 blocks first, first + 1, ..: lane l of group g
     * takes block first + 16g + l; its words (0, 1) and (2, 3) go through Box-Muller, and word j's value
     * is out[64g + 16j + l]. */
    void (*normals)(uint64_t key, uint64_t stream, uint64_t first, float *out, size_t n);

    /* --- bench ---------------------------------------------------------------------------------------- */

    /* Runs `rounds` rounds of independent multiply-adds in registers; returns the multiply-adds done. */
    double (*multiply_adds)(size_t rounds, float *sink);
} cloops_table;

/* The tables; call their functions only where the processor has the instructions. */
extern const cloops_table cloops_avx2, cloops_avx512;

/* 0: less than AVX2+FMA; 1: AVX2+FMA; 2: AVX-512 F, BW, DQ and VL too. Asks the processor and the operating
 * system; safe on any x86-64. */
int cloops_processor_level(void);

#endif
