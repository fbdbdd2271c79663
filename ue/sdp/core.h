/**
 * @file core.h  What the files of the session description reader call of each
 * other; private
 */
#ifndef SDP_CORE_H
#define SDP_CORE_H

#include "ue/sdp/sdp.h"

/** One line: `x=value` */
struct sdesc_line {
	char type;
	struct pl val;
};

/** @return 0; ENOENT the end; EBADMSG */
int sdesc_line_next(struct sdesc_line *line, struct pl *rest);

bool sdesc_u64(uint64_t *v, const struct pl *pl);

/** Value of c=.  @return 0, EBADMSG */
int sdesc_connection(struct ue_addr *addr, const struct pl *val);

/** Is the value of a= a direction? */
bool sdesc_direction(uint8_t *dir, const struct pl *attr);

/** Check and count the media descriptions.  @return 0, EBADMSG, EOVERFLOW */
int sdesc_media_lines(struct sdesc *sdp, struct pl rest);

#endif
