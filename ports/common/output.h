/**
 * @file output.h  What the commands print: JSON lines or plain text
 *
 * A line is written piece by piece by a handler of the port; nothing is kept
 * here. A line ends with '\n', and no other piece has one.
 */
#ifndef PORT_OUTPUT_H
#define PORT_OUTPUT_H

#include "ue/ue_port.h"
#include "ue/ue_re.h"

/** Octets for whoever reads */
typedef void (output_h)(const char *p, size_t len, void *arg);

/** One line of output in the making.  Private */
struct output {
	output_h *outh;
	void *arg;
	bool json;
	bool first;
};

/** A line that begins with the name of an event */
void output_begin(struct output *o, output_h *outh, void *arg, bool json,
		  const char *event);

void output_str(struct output *o, const char *name, const char *val);
void output_pl(struct output *o, const char *name, const struct pl *val);
void output_num(struct output *o, const char *name, uint64_t val);
void output_bool(struct output *o, const char *name, bool val);
void output_addr(struct output *o, const char *name,
		 const struct ue_addr *addr);
void output_end(struct output *o);

/* a text in pieces */
void output_open(struct output *o, const char *name);
void output_add(struct output *o, const char *piece);
void output_close(struct output *o);

/** Octets from anywhere, without a name: no control characters come out, nor
 *  what is not UTF-8 */
void output_text(struct output *o, const char *p, size_t len);

/** A line for a person: a name and what it means (NULL: not built) */
void output_help(output_h *outh, void *arg, const char *name,
		 const char *text);

#endif
