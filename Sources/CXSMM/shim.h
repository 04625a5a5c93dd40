#include <libxsmm.h>

/* libxsmm's function type is variadic in C, which Swift cannot call. */
static inline void cxsmm_call(libxsmm_smmfunction function, const float *a, const float *b, float *c) {
    function(a, b, c);
}
