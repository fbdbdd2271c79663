/**
 * @file xml_chars.h  Characters and references of XML; private
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

/** Only UTF-8 of characters that XML allows (production 2) */
bool xml_utf8_valid(const char *buf, size_t len);

/** Each & begins a predefined or character reference */
bool xml_refs_valid(const struct pl *text);

#endif
