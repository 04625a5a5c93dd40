#include "tiff_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tiffio.h>

enum { reason_count = 200 };

struct tiff_reader {
    TIFF *file;
    const uint8_t *bytes;
    uint64_t count, position;
    char reason[reason_count];
};

static tmsize_t read_some(thandle_t handle, void *out, tmsize_t wanted) {
    tiff_reader *reader = handle;
    if (wanted < 0 || reader->position >= reader->count) return 0;
    uint64_t left = reader->count - reader->position;
    uint64_t taken = (uint64_t)wanted < left ? (uint64_t)wanted : left;
    memcpy(out, reader->bytes + reader->position, taken);
    reader->position += taken;
    return (tmsize_t)taken;
}

static tmsize_t write_none(thandle_t handle, void *in, tmsize_t count) {
    (void)handle, (void)in, (void)count;
    return 0;
}

static toff_t seek(thandle_t handle, toff_t offset, int from) {
    tiff_reader *reader = handle;
    uint64_t base = from == SEEK_SET ? 0 : from == SEEK_CUR ? reader->position : reader->count;
    return reader->position = base + offset;
}

static int close_nothing(thandle_t handle) {
    (void)handle;
    return 0;
}

static toff_t size(thandle_t handle) { return ((tiff_reader *)handle)->count; }

// The first error is the cause.
static int keep_error(TIFF *file, void *user, const char *module, const char *format, va_list arguments) {
    (void)file, (void)module;
    tiff_reader *reader = user;
    if (!reader->reason[0]) vsnprintf(reader->reason, reason_count, format, arguments);
    return 1;
}

// Unknown tags and the like.
static int drop_warning(TIFF *file, void *user, const char *module, const char *format, va_list arguments) {
    (void)file, (void)user, (void)module, (void)format, (void)arguments;
    return 1;
}

tiff_reader *tiff_reader_new(const uint8_t *bytes, size_t count, char *reason) {
    tiff_reader *reader = calloc(1, sizeof *reader);
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (reader && options) {
        (reader->bytes = bytes), (reader->count = count);
        // One strip of the largest picture that is decoded.
        TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)1 << 30);
        TIFFOpenOptionsSetErrorHandlerExtR(options, keep_error, reader);
        TIFFOpenOptionsSetWarningHandlerExtR(options, drop_warning, reader);
        // Not mapped, so that nothing is read beyond the end.
        reader->file = TIFFClientOpenExt("picture", "rm", reader, read_some, write_none, seek, close_nothing, size,
                                         NULL, NULL, options);
    }
    if (options) TIFFOpenOptionsFree(options);
    if (reader && reader->file) return reader;
    snprintf(reason, reason_count, "%s", reader && reader->reason[0] ? reader->reason : "it cannot be opened");
    free(reader);
    return NULL;
}

void tiff_reader_free(tiff_reader *reader) {
    if (!reader) return;
    TIFFClose(reader->file);
    free(reader);
}

int tiff_reader_header(tiff_reader *reader, tiff_header *header) {
    TIFF *file = reader->file;
    memset(header, 0, sizeof *header);
    uint16_t bits = 1, samples = 1, photometric = 0, planar = 1, format = 1, orientation = 1, unit = 2, extras = 0;
    uint16_t *kinds = NULL;
    void *profile = NULL;
    if (!TIFFGetField(file, TIFFTAG_IMAGEWIDTH, &header->width) ||
        !TIFFGetField(file, TIFFTAG_IMAGELENGTH, &header->height) ||
        !TIFFGetField(file, TIFFTAG_PHOTOMETRIC, &photometric))
        return 0;
    TIFFGetFieldDefaulted(file, TIFFTAG_BITSPERSAMPLE, &bits);
    TIFFGetFieldDefaulted(file, TIFFTAG_SAMPLESPERPIXEL, &samples);
    TIFFGetFieldDefaulted(file, TIFFTAG_PLANARCONFIG, &planar);
    TIFFGetFieldDefaulted(file, TIFFTAG_SAMPLEFORMAT, &format);
    TIFFGetFieldDefaulted(file, TIFFTAG_ORIENTATION, &orientation);
    TIFFGetFieldDefaulted(file, TIFFTAG_RESOLUTIONUNIT, &unit);
    TIFFGetFieldDefaulted(file, TIFFTAG_EXTRASAMPLES, &extras, &kinds);
    int colours = photometric == PHOTOMETRIC_RGB ? 3 : 1;
    header->bits = bits;
    header->samples = samples;
    header->photometric = photometric;
    header->is_plain = photometric <= PHOTOMETRIC_RGB && planar == PLANARCONFIG_CONTIG && !TIFFIsTiled(file) &&
                       (bits == 8 || bits == 16) && format == SAMPLEFORMAT_UINT &&
                       (samples == colours || samples == colours + 1);
    header->has_alpha = extras > 0 && kinds && kinds[0] != EXTRASAMPLE_UNSPECIFIED;
    header->is_premultiplied = header->has_alpha && kinds[0] == EXTRASAMPLE_ASSOCALPHA;
    header->orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
    if (TIFFGetField(file, TIFFTAG_XRESOLUTION, &header->density_x) &&
        TIFFGetField(file, TIFFTAG_YRESOLUTION, &header->density_y))
        header->density_unit = unit == 2 || unit == 3 ? unit : 0;
    if (TIFFGetField(file, TIFFTAG_ICCPROFILE, &header->profile_count, &profile)) header->profile = profile;
    return 1;
}

int tiff_reader_row(tiff_reader *reader, uint32_t row, void *out, size_t count) {
    tmsize_t needed = TIFFScanlineSize(reader->file);
    if (needed < 0 || (size_t)needed > count) return 0;
    return TIFFReadScanline(reader->file, out, row, 0) == 1;
}

int tiff_reader_rgba(tiff_reader *reader, const tiff_header *header, uint32_t *out) {
    // In the orientation that is stored, so that libtiff turns nothing.
    return TIFFReadRGBAImageOriented(reader->file, header->width, header->height, out, header->orientation, 1);
}

const char *tiff_reader_reason(const tiff_reader *reader) { return reader->reason; }
