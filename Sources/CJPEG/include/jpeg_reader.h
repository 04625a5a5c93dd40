// Decodes a JPEG with libjpeg-turbo's libjpeg API, which says every warning. (TurboJPEG's own API says the first one only,
// so that a harmless warning may hide a damaged file behind it.) libjpeg reports errors by longjmp, which Swift frames
// must not see; all of it stays in reader.c.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Harmless warnings that were given, as bits.
enum {
    JPEG_NOTE_SCAN_PARAMETERS = 1,  // a sequential file's scan header asks for something progressive (Samsung phones)
    JPEG_NOTE_STRAY_BYTES = 2,      // bytes before a marker that belong to nothing
    JPEG_NOTE_JFIF_REVISION = 4,    // JFIF 2 or later
    JPEG_NOTE_ADOBE_TRANSFORM = 8,  // an Adobe segment names an unknown colour transform
};

enum { JPEG_OK = 0, JPEG_DAMAGED = 1, JPEG_OUT_OF_MEMORY = 2, JPEG_STOPPED = 3 };

typedef struct {
    int width, height;
    int components;       // 1 grey, 3 colours, 4 CMYK or YCCK
    int is_cmyk;          // the output is CMYK
    int is_inverted;      // an Adobe segment is there: 255 stands for no ink
    int is_progressive;
    int density_unit;     // JFIF: 0 the aspect alone, 1 per inch, 2 per centimetre; -1 without JFIF segment
    int density_x, density_y;
} jpeg_header;

typedef struct jpeg_reader jpeg_reader;

// The bytes must outlive the reader. NULL when out of memory.
jpeg_reader *jpeg_reader_new(const uint8_t *bytes, size_t count);
void jpeg_reader_free(jpeg_reader *reader);
// Reads up to the first scan.
int jpeg_reader_header(jpeg_reader *reader, jpeg_header *header);
// Decodes everything after jpeg_reader_header: height rows of width * (3, or 4 for CMYK) bytes. Called for each row, and for
// each row of blocks of a progressive file's scans, `is_stopped` ends decoding where it is not 0.
int jpeg_reader_decode(jpeg_reader *reader, uint8_t *out, int (*is_stopped)(void *context), void *context);
// The text of the error, after JPEG_DAMAGED.
const char *jpeg_reader_reason(const jpeg_reader *reader);
unsigned jpeg_reader_notes(const jpeg_reader *reader);
