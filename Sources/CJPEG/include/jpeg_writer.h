// Encodes a JPEG with libjpeg-turbo's libjpeg API, row by row; what is finished goes to a sink at once. As in jpeg_reader.h,
// libjpeg's longjmp stays in writer.c.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Takes bytes of the file in their order. Returns 0 to stop, after which nothing may be called but jpeg_writer_free.
typedef int (*jpeg_sink)(void *context, const uint8_t *bytes, size_t count);

enum { JPEG_WRITTEN = 0, JPEG_REFUSED = 1, JPEG_NOT_TAKEN = 2 };

typedef struct {
    int width, height;
    int quality;    // 1 to 100
    int is_grey;    // luminance alone is stored
    int halves;     // chroma at half the resolution, otherwise at full
} jpeg_format;

typedef struct jpeg_writer jpeg_writer;

// The context must outlive the writer. NULL when out of memory.
jpeg_writer *jpeg_writer_new(jpeg_sink sink, void *context);
void jpeg_writer_free(jpeg_writer *writer);
// JPEG_REFUSED for a side that JPEG cannot hold.
int jpeg_writer_begin(jpeg_writer *writer, const jpeg_format *format);
// A row of red, green and blue.
int jpeg_writer_row(jpeg_writer *writer, const uint8_t *row);
// After the last row.
int jpeg_writer_end(jpeg_writer *writer);
// The text of the error, after JPEG_REFUSED.
const char *jpeg_writer_reason(const jpeg_writer *writer);
