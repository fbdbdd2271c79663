/**
 * @file output.c  What the uims program prints: JSON lines or plain text
 */
#include <arpa/inet.h>
#include <string.h>
#include "ports/linux/output.h"


/** Text in JSON; octets that are no ASCII are taken as UTF-8 as they are */
static void json_string(FILE *f, const char *str)
{
	(void)fputc('"', f);

	for (; *str; str++) {
		const unsigned char c = (unsigned char)*str;

		if (c == '"' || c == '\\')
			(void)fprintf(f, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			(void)fprintf(f, "\\u%04x", c);
		else
			(void)fputc(c, f);
	}

	(void)fputc('"', f);
}


static void name_of(struct output *o, const char *name)
{
	if (o->json) {
		(void)fputs(o->first ? "" : ",", o->f);
		json_string(o->f, name);
		(void)fputc(':', o->f);
	}
	else {
		(void)fprintf(o->f, " %s=", name);
	}
	o->first = false;
}


void output_begin(struct output *o, const char *event)
{
	o->first = true;

	if (o->json) {
		(void)fputc('{', o->f);
		output_str(o, "event", event);
	}
	else {
		(void)fprintf(o->f, "%s:", event);
	}
}


void output_str(struct output *o, const char *name, const char *val)
{
	name_of(o, name);

	if (o->json) {
		json_string(o->f, val);
		return;
	}

	for (; *val; val++)
		(void)fputc((unsigned char)*val < 0x20 || *val == 0x7f
			    ? '?' : *val, o->f);
}


void output_num(struct output *o, const char *name, uint64_t val)
{
	name_of(o, name);
	(void)fprintf(o->f, "%llu", (unsigned long long)val);
}


void output_bool(struct output *o, const char *name, bool val)
{
	name_of(o, name);
	(void)fputs(val ? "true" : "false", o->f);
}


void output_addr(struct output *o, const char *name,
		 const struct ue_addr *addr)
{
	char ip[INET6_ADDRSTRLEN] = "", text[INET6_ADDRSTRLEN + 9];

	(void)inet_ntop(addr->family == 6 ? AF_INET6 : AF_INET, addr->ip, ip,
			sizeof(ip));
	(void)snprintf(text, sizeof(text),
		       addr->family == 6 ? "[%s]:%u" : "%s:%u", ip,
		       addr->port);
	output_str(o, name, text);
}


void output_end(struct output *o)
{
	(void)fputs(o->json ? "}\n" : "\n", o->f);
	(void)fflush(o->f);
}
