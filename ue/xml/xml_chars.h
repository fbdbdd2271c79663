/**
 * @file xml_chars.h  Characters, references, names of XML; private
 */
#ifndef XML_CHARS_H
#define XML_CHARS_H

#include <stdbool.h>
#include "ue/ue_re.h"

bool xml_is_space(char c);
bool xml_is_name_start(char c);
bool xml_is_name(char c);
void xml_trim_left(struct pl *pl);
void xml_trim(struct pl *pl);

/** Octets of the UTF-8 character at p (RFC 3629 s4), len is 1 or more; 0:
 *  none, or none that XML allows */
size_t xml_utf8_length(const uint8_t *p, size_t len);

/** Only UTF-8 of characters that XML allows (production 2) */
bool xml_utf8_valid(const char *buf, size_t len);

/** Each & begins a predefined or character reference */
bool xml_refs_valid(const struct pl *text);

/** One attribute of checked text: name and value as written.  rest goes on
 *  behind it */
bool xml_attr_raw(struct pl *name, struct pl *val, struct pl *rest);

/** xmlns or xmlns:prefix? */
bool xml_is_xmlns(const struct pl *name);

/** NS 1.0 production 7: prefix (l == 0: none) and local part */
void xml_split_name(struct pl *prefix, struct pl *local,
		    const struct pl *name);

bool xml_same(const struct pl *a, const struct pl *b);
bool xml_text_is(const struct pl *pl, const char *str);

#endif
