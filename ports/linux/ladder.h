/**
 * @file ladder.h  The message flow of a run as a picture
 */
#ifndef LADDER_H
#define LADDER_H

#include <stdio.h>
#include "ue/ue.h"
#include "ue/ue_addr.h"

/** A picture that grows; zero: none */
struct ladder {
	FILE *f;
	unsigned rows;
	char network[UE_ADDR_STR];  /* whom the rows before show     */
};

/** Begin a file.  @return 0 or an errno */
int  ladder_open(struct ladder *l, const char *path);

/** One more arrow.  The file is a whole picture after each */
void ladder_message(struct ladder *l, const struct ue_trace *tr);

void ladder_close(struct ladder *l);

#endif
