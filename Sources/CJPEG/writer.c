#include "jpeg_writer.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <jerror.h>

struct jpeg_writer {
    struct jpeg_error_mgr errors;  // first, so that libjpeg's pointer to it is a pointer to this
    struct jpeg_destination_mgr destination;
    struct jpeg_compress_struct info;
    jpeg_sink sink;
    void *context;
    jmp_buf failed;
    int code;
    char reason[JMSG_LENGTH_MAX];
    uint8_t buffer[1 << 16];
};

static jpeg_writer *writer_of(j_common_ptr info) { return (jpeg_writer *)info->err; }

static void fail(j_common_ptr info) {
    jpeg_writer *writer = writer_of(info);
    writer->code = JPEG_REFUSED;
    writer->errors.format_message(info, writer->reason);
    longjmp(writer->failed, 1);
}

static void silent(j_common_ptr info) { (void)info; }

static void begin_buffer(j_compress_ptr info) {
    info->dest->next_output_byte = writer_of((j_common_ptr)info)->buffer;
    info->dest->free_in_buffer = sizeof writer_of((j_common_ptr)info)->buffer;
}

static void hand_out(jpeg_writer *writer, size_t count) {
    if (count && !writer->sink(writer->context, writer->buffer, count)) {
        writer->code = JPEG_NOT_TAKEN;
        longjmp(writer->failed, 1);
    }
}

// libjpeg means the whole buffer, whatever free_in_buffer says.
static boolean empty_buffer(j_compress_ptr info) {
    hand_out(writer_of((j_common_ptr)info), sizeof writer_of((j_common_ptr)info)->buffer);
    begin_buffer(info);
    return TRUE;
}

static void end_buffer(j_compress_ptr info) {
    jpeg_writer *writer = writer_of((j_common_ptr)info);
    hand_out(writer, sizeof writer->buffer - info->dest->free_in_buffer);
}

jpeg_writer *jpeg_writer_new(jpeg_sink sink, void *context) {
    jpeg_writer *writer = calloc(1, sizeof *writer);
    if (!writer) return NULL;
    (writer->sink = sink), (writer->context = context);
    writer->info.err = jpeg_std_error(&writer->errors);
    writer->errors.error_exit = fail;
    writer->errors.output_message = silent;
    if (setjmp(writer->failed)) {
        jpeg_writer_free(writer);
        return NULL;
    }
    jpeg_create_compress(&writer->info);
    writer->destination.init_destination = begin_buffer;
    writer->destination.empty_output_buffer = empty_buffer;
    writer->destination.term_destination = end_buffer;
    writer->info.dest = &writer->destination;
    return writer;
}

void jpeg_writer_free(jpeg_writer *writer) {
    if (!writer) return;
    jpeg_destroy_compress(&writer->info);
    free(writer);
}

int jpeg_writer_begin(jpeg_writer *writer, const jpeg_format *format) {
    if (setjmp(writer->failed)) return writer->code;
    struct jpeg_compress_struct *info = &writer->info;
    info->image_width = (JDIMENSION)format->width;
    info->image_height = (JDIMENSION)format->height;
    info->input_components = 3;
    info->in_color_space = JCS_RGB;
    jpeg_set_defaults(info);
    jpeg_set_quality(info, format->quality, TRUE);
    info->dct_method = JDCT_ISLOW;
    jpeg_set_colorspace(info, format->is_grey ? JCS_GRAYSCALE : JCS_YCbCr);
    info->comp_info[0].h_samp_factor = info->comp_info[0].v_samp_factor = format->halves && !format->is_grey ? 2 : 1;
    jpeg_start_compress(info, TRUE);
    return JPEG_WRITTEN;
}

int jpeg_writer_row(jpeg_writer *writer, const uint8_t *row) {
    if (setjmp(writer->failed)) return writer->code;
    JSAMPROW rows = (JSAMPROW)row;  // libjpeg does not write to it
    jpeg_write_scanlines(&writer->info, &rows, 1);
    return JPEG_WRITTEN;
}

int jpeg_writer_end(jpeg_writer *writer) {
    if (setjmp(writer->failed)) return writer->code;
    jpeg_finish_compress(&writer->info);
    return JPEG_WRITTEN;
}

const char *jpeg_writer_reason(const jpeg_writer *writer) { return writer->reason; }
