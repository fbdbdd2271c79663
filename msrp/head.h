/**
 * @file msrp/head.h  What header sections have in common: lines, fields,
 *                    names.  Internal
 */
#ifndef MSRP_HEAD_H
#define MSRP_HEAD_H

#include "msrp/frame.h"

/** Classes of characters, for msrp_skip() */
enum {
	C_ALNUM   = 0x01,       /* letters and digits: in all classes */
	C_HOST    = 0x02,       /* RFC 3986 s3.2.2: reg-name, IPv4address */
	C_USER    = 0x04,       /* RFC 3986 s3.2.1 */
	C_SESSION = 0x08,       /* RFC 4975 s9: unreserved / "+" / "=" / "/" */
	C_TOKEN   = 0x10,       /* RFC 4975 s9: token */
	C_IPV6    = 0x20,       /* what IP-literal may hold */
	C_PLAIN   = 0x40,       /* unreserved */
	C_IDENT   = 0x80        /* RFC 4975 s9: ident-char */
};

/** Behind the characters of that class.  uri.c */
const char *msrp_skip(const char *p, const char *end, unsigned mask);

/** A number of at least one digit, cut to MSRP_ANY - 1.  @return behind it;
 *  NULL: none */
const char *msrp_number(uint32_t *v, const char *p, const char *end);

/* Lists of names: each with its length before it, 0 behind the last one */

/** Names by enum msrp_hdr */
extern const char msrp_hdr_names[];

/** Names by enum msrp_method, from MSRP_SEND on */
extern const char msrp_method_names[];

/** Name i of a list, for %n of msrp_putf() */
const char *msrp_name(const char *names, unsigned i);

/** Place of a name in a list, letter for letter or whatever its case; behind
 *  the last one: not there */
unsigned msrp_name_find(const char *names, const struct pl *name, bool exact);

/** The next line, without its end; advances rest.  @return 0; EBADMSG no LF;
 *  EPROTO no CR before it */
int msrp_line(struct pl *line, struct pl *rest);

/** Name and value of a header field, without the blanks around the value */
bool msrp_field(struct pl *name, struct pl *val, const struct pl *line);

#endif
