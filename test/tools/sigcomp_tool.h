/**
 * @file sigcomp_tool.h  What the files of the program `sigcomp` share
 */
#ifndef SIGCOMP_TOOL_H
#define SIGCOMP_TOOL_H

#include "sigcomp/sigcomp.h"

struct tool_options {
	uint32_t dms, sms, cpb, version;
	uint32_t loss, seed;
	bool stream, shared, nack;
	const char *dir;
	const char *codec_name;
	const struct sigcomp_codec *codec;
};

struct tool_buf {
	uint8_t *p;
	size_t size;
	size_t len;
};

struct tool_endpoint {
	struct sigcomp sc;
	struct sigcomp_compartment comp;
	void *mem, *arena, *codec_mem;
};

void *tool_alloc(size_t n);
int  tool_read(struct tool_buf *buf, const char *path);
int  tool_write(const char *dir, const char *name, const uint8_t *p, size_t n);
int  tool_endpoint_init(struct tool_endpoint *ep,
			const struct tool_options *o);
void tool_endpoint_close(struct tool_endpoint *ep);
int  tool_flow(struct tool_options *o, const char *folder);

#endif
