/**
 * @file sip_dump.h  What sip_ours and sip_libre share
 *
 * Standard input holds records: a length in two octets (network order), a
 * message.  Each is answered by a line of JSON; octets are characters of
 * Latin-1 there.
 */
#ifndef SIP_DUMP_H
#define SIP_DUMP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void dump_octets(const char *p, size_t l)
{
	putchar('"');
	for (size_t i = 0; i < l; i++) {
		const unsigned char c = (unsigned char)p[i];

		if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}


static void dump(const char *name, const struct pl *pl)
{
	printf(", \"%s\": ", name);
	dump_octets(pl->p, pl->p ? pl->l : 0);
}


static void dump_number(const char *name, uint32_t v)
{
	printf(", \"%s\": %u", name, (unsigned)v);
}


static void dump_header(const char *comma, const struct pl *name,
			const struct pl *val)
{
	printf("%s[", comma);
	dump_octets(name->p, name->l);
	printf(", ");
	dump_octets(val->p, val->l);
	printf("]");
}


/** Calls h() with each message in a block of its own */
static int dump_all(void (*h)(char *buf, size_t len))
{
	unsigned char head[2];

	while (fread(head, 1, 2, stdin) == 2) {

		const size_t len = (size_t)head[0] << 8 | head[1];
		char *buf = malloc(len ? len : 1);

		if (!buf || fread(buf, 1, len, stdin) != len)
			return 1;
		h(buf, len);
		puts("}");
		fflush(stdout);
		free(buf);
	}

	return 0;
}

#endif
