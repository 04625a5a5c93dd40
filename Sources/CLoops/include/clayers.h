/* Element-wise loops of the general layers (target `Layers`), compiled once for AVX2+FMA and once for AVX-512 by the rules of
 * cloops.h: both builds give the same bytes. Maps are channels last, (pixels, channels); `channels` is a multiple of 16.
 * No function allocates. */
#ifndef CLAYERS_H
#define CLAYERS_H

#include <stddef.h>
#include <stdint.h>

/* Batch norm as it stands after its statistics: channel by channel, z = (y - mean) * scale + shift; then z where it is
 * positive and slope * z elsewhere. */
typedef struct {
    const float *mean, *scale, *shift;
    float slope;
} clayers_normalisation;

/* Element by element. Each derivative follows from the output alone. */
typedef enum { CLAYERS_LEAKY, CLAYERS_RELU6, CLAYERS_SIGMOID, CLAYERS_TANH } clayers_activation;

/* Constant function pointers, so any thread may share it. */
typedef struct __attribute__((swift_attr("@Sendable"))) {
    /* --- batch norm ------------------------------------------------------------------------------------------ */

    /* sum[c] += sum of (y - shift), square[c] += sum of (y - shift)^2 over n pixels */
    void (*moments)(const float *y, size_t n, size_t channels, const float *shift, float *sum, float *square);
    void (*normalise)(const float *y, size_t n, size_t channels, const clayers_normalisation *by, float *out);
    /* d (in place) = d times the activation's slope at z; sum[c] += d; product[c] += d * (y - mean) */
    void (*normalise_sums)(const float *y, size_t n, size_t channels, const clayers_normalisation *by, float *d,
                           float *sum, float *product);
    /* d (in place) = a[c] * d + (b[c] * (y - mean[c]) + e[c]) */
    void (*normalise_backward)(const float *y, size_t n, size_t channels, const float *mean, const float *a,
                               const float *b, const float *e, float *d);

    /* --- activations ----------------------------------------------------------------------------------------- */

    /* slope: of CLAYERS_LEAKY below 0; the others have none */
    void (*activate)(clayers_activation kind, float slope, const float *x, size_t n, float *out);
    /* d (in place) times the derivative, from the activation's output */
    void (*activate_backward)(clayers_activation kind, float slope, const float *out, size_t n, float *d);
    /* out = exp(x + shift), the exponent clipped to +-87 */
    void (*exponentials)(const float *x, float shift, size_t n, float *out);

    /* --- bilinear enlargement by 2 ---------------------------------------------------------------------------- */

    /* One row of `count` pixels, from width pixels of 3/4 near + 1/4 far; count is 2 width - 1 or 2 width */
    void (*enlarge_row)(const float *near, const float *far, size_t width, size_t channels, size_t count,
                        float *out);
    /* Its transpose over the four large rows that meet one small row, their weights 1/4, 3/4, 3/4, 1/4; NULL counts
     * as zeros */
    void (*reduce_rows)(const float *const *rows, size_t width, size_t channels, size_t count, float *out);

    /* --- sparse gradients ------------------------------------------------------------------------------------- */

    /* Returns the sum of (g^2 + floor)^power, g = a - b; slope[i] = its derivative by a[i] */
    float (*sparse)(const float *a, const float *b, size_t n, float power, float floor, float *slope);

    /* --- Winograd's F(4x4, 3x3) for training ------------------------------------------------------------------ */

    /* out (36 of `point` floats) = G g transpose(G) of n kernels g, tap t of them at weight + t * n, or of tap 8 - t */
    void (*winograd_weights)(const float *weight, size_t n, int flipped, float *out, size_t point);
    /* gradient (9, n) += transpose(G) d G of the products' gradients d (36 of `point` floats) */
    void (*winograd_weights_backward)(const float *d, size_t n, size_t point, float *gradient);
    /* out[p * point + t * channels + c] = A d transpose(A) of `tiles` tiles of 4x4 from four rows */
    void (*winograd_outputs_backward)(const float *const *rows, size_t tiles, size_t channels, float *out,
                                      size_t point);
} clayers_table;

/* The tables; call their functions only where the processor has the instructions. */
extern const clayers_table clayers_avx2, clayers_avx512;

#endif
