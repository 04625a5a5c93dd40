#include "jpeg_reader.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

struct jpeg_reader {
    struct jpeg_error_mgr errors;  // first, so that libjpeg's pointer to it is a pointer to this
    struct jpeg_progress_mgr progress;
    struct jpeg_decompress_struct info;
    const uint8_t *bytes;
    size_t count;
    int (*is_stopped)(void *context);
    void *context;
    jmp_buf failed;
    int code;
    unsigned notes;
    char reason[JMSG_LENGTH_MAX];
};

static jpeg_reader *reader_of(j_common_ptr info) { return (jpeg_reader *)info->err; }

static void fail(j_common_ptr info) {
    jpeg_reader *reader = reader_of(info);
    reader->code = reader->errors.msg_code == JERR_OUT_OF_MEMORY ? JPEG_OUT_OF_MEMORY : JPEG_DAMAGED;
    reader->errors.format_message(info, reader->reason);
    longjmp(reader->failed, 1);
}

// Level -1 is a warning; 0 and above are traces. Whatever is not known to be harmless means lost data.
static void emit(j_common_ptr info, int level) {
    if (level >= 0) return;
    jpeg_reader *reader = reader_of(info);
    switch (reader->errors.msg_code) {
        case JWRN_NOT_SEQUENTIAL: reader->notes |= JPEG_NOTE_SCAN_PARAMETERS; return;
        case JWRN_JFIF_MAJOR: reader->notes |= JPEG_NOTE_JFIF_REVISION; return;
        case JWRN_ADOBE_XFORM: reader->notes |= JPEG_NOTE_ADOBE_TRANSFORM; return;
        case JWRN_EXTRANEOUS_DATA: {
            // Before a restart marker they are data that was not understood.
            int marker = reader->errors.msg_parm.i[1];
            if (marker < 0xD0 || marker > 0xD7) {
                reader->notes |= JPEG_NOTE_STRAY_BYTES;
                return;
            }
        }
    }
    fail(info);
}

static void silent(j_common_ptr info) { (void)info; }

// A small progressive file of very many empty scans keeps a decoder busy for minutes.
static void watch(j_common_ptr info) {
    jpeg_reader *reader = reader_of(info);
    if (reader->is_stopped && reader->is_stopped(reader->context)) {
        reader->code = JPEG_STOPPED;
        longjmp(reader->failed, 1);
    }
    if (info->is_decompressor && reader->info.input_scan_number > 500) {
        reader->code = JPEG_DAMAGED;
        snprintf(reader->reason, sizeof reader->reason, "more than 500 scans");
        longjmp(reader->failed, 1);
    }
}

jpeg_reader *jpeg_reader_new(const uint8_t *bytes, size_t count) {
    jpeg_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return NULL;
    (reader->bytes = bytes), (reader->count = count);
    reader->info.err = jpeg_std_error(&reader->errors);
    reader->errors.error_exit = fail;
    reader->errors.emit_message = emit;
    reader->errors.output_message = silent;
    if (setjmp(reader->failed)) {
        jpeg_reader_free(reader);
        return NULL;
    }
    jpeg_create_decompress(&reader->info);
    reader->progress.progress_monitor = watch;
    reader->info.progress = &reader->progress;
    return reader;
}

void jpeg_reader_free(jpeg_reader *reader) {
    if (!reader) return;
    jpeg_destroy_decompress(&reader->info);
    free(reader);
}

int jpeg_reader_header(jpeg_reader *reader, jpeg_header *header) {
    if (setjmp(reader->failed)) return reader->code;
    struct jpeg_decompress_struct *info = &reader->info;
    jpeg_mem_src(info, reader->bytes, reader->count);
    if (jpeg_read_header(info, FALSE) != JPEG_HEADER_OK) {
        snprintf(reader->reason, sizeof reader->reason, "it holds no image");
        return JPEG_DAMAGED;
    }
    memset(header, 0, sizeof *header);
    header->width = (int)info->image_width;
    header->height = (int)info->image_height;
    header->components = info->num_components;
    header->is_cmyk = info->jpeg_color_space == JCS_CMYK || info->jpeg_color_space == JCS_YCCK;
    header->is_inverted = info->saw_Adobe_marker;
    header->is_progressive = info->progressive_mode;
    header->density_unit = info->saw_JFIF_marker ? info->density_unit : -1;
    header->density_x = info->X_density;
    header->density_y = info->Y_density;
    return JPEG_OK;
}

int jpeg_reader_decode(jpeg_reader *reader, uint8_t *out, int (*is_stopped)(void *context), void *context) {
    (reader->is_stopped = is_stopped), (reader->context = context);
    if (setjmp(reader->failed)) return reader->code;
    struct jpeg_decompress_struct *info = &reader->info;
    int is_cmyk = info->jpeg_color_space == JCS_CMYK || info->jpeg_color_space == JCS_YCCK;
    info->out_color_space = is_cmyk ? JCS_CMYK : JCS_RGB;
    info->dct_method = JDCT_ISLOW;
    jpeg_start_decompress(info);
    size_t stride = (size_t)info->output_width * (size_t)(is_cmyk ? 4 : 3);
    while (info->output_scanline < info->output_height) {
        JSAMPROW row = out + stride * info->output_scanline;
        jpeg_read_scanlines(info, &row, 1);
    }
    jpeg_finish_decompress(info);
    return JPEG_OK;
}

const char *jpeg_reader_reason(const jpeg_reader *reader) { return reader->reason; }

unsigned jpeg_reader_notes(const jpeg_reader *reader) { return reader->notes; }
