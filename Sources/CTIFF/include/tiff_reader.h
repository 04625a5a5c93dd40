// Reads the first picture of a TIFF in memory with libtiff, whose TIFFGetField is variadic and cannot be called from Swift.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t width, height;
    int bits, samples;       // bits a sample, samples a pixel
    int photometric;         // 0 grey, white is 0; 1 grey, black is 0; 2 RGB; others as TIFF 6.0 numbers them
    int is_plain;            // rows of grey or RGB, 8 or 16 bits, with alpha or without: tiff_reader_row reads them
    int has_alpha, is_premultiplied;
    int orientation;         // 1...8, 1 where the file says nothing
    int density_unit;        // 0 none, 2 inch, 3 centimetre
    float density_x, density_y;
    const uint8_t *profile;  // of the reader
    uint32_t profile_count;
} tiff_header;

typedef struct tiff_reader tiff_reader;

// The bytes must outlive the reader. NULL where it is no TIFF or out of memory; reason gets up to 200 bytes.
tiff_reader *tiff_reader_new(const uint8_t *bytes, size_t count, char *reason);
void tiff_reader_free(tiff_reader *reader);
// 0 where a tag without which nothing can be decoded is missing.
int tiff_reader_header(tiff_reader *reader, tiff_header *header);
// One row of a plain picture; rows in order. 0 on damage.
int tiff_reader_row(tiff_reader *reader, uint32_t row, void *out, size_t count);
// The whole picture as libtiff converts it to 8 bits, width * height words of red (lowest byte), green, blue and alpha, which
// the colours are multiplied by. 0 on damage.
int tiff_reader_rgba(tiff_reader *reader, const tiff_header *header, uint32_t *out);
const char *tiff_reader_reason(const tiff_reader *reader);
