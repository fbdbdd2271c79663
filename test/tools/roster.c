/**
 * @file roster.c  A roster as a filter, for comparison with a model
 *
 *     roster < STREAM
 *
 * STREAM: lines `reset`, `restart`, or `doc LENGTH` followed by so many
 * octets.  Prints a JSON line for each document: its result (applied, old,
 * gap, malformed) and the state of the roster after it.  Exit status 2 where
 * the stream is none.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ue/services/roster.h"

static struct roster r;
static struct roster_work work;
static struct sip_store store;
static char buf[XML_LEN_MAX + 1];


static void string(const char *name, const char *str)
{
	(void)printf("\"%s\":\"", name);
	for (; *str; str++) {
		if (*str == '"' || *str == '\\')
			(void)printf("\\%c", *str);
		else if ((unsigned char)*str < ' ')
			(void)printf("\\u%04x", (unsigned)*str);
		else
			(void)putchar(*str);
	}
	(void)putchar('"');
}


static void text(const char *name, uint16_t offset)
{
	string(name, roster_text(&r, offset));
}


static void print_media(unsigned endpoint)
{
	const char *sep = "";
	unsigned i;

	(void)printf("\"media\":[");
	for (i = 0; i < r.mediac; i++) {

		const struct roster_media *m = &r.mediav[i];

		if (m->endpoint != endpoint)
			continue;
		(void)printf("%s{", sep);
		text("id", m->id);
		(void)putchar(',');
		text("type", m->type);
		(void)putchar(',');
		string("status", roster_media_status_name(
			       (enum roster_media_status)m->status));
		(void)putchar('}');
		sep = ",";
	}
	(void)putchar(']');
}


static void print_endpoints(unsigned user)
{
	const char *sep = "";
	unsigned i;

	(void)printf("\"endpoints\":[");
	for (i = 0; i < r.endpointc; i++) {

		const struct roster_endpoint *e = &r.endpointv[i];

		if (e->user != user)
			continue;
		(void)printf("%s{", sep);
		text("entity", e->entity);
		(void)putchar(',');
		text("name", e->name);
		(void)putchar(',');
		string("status", roster_status_name(
			       (enum roster_status)e->status));
		(void)putchar(',');
		string("joining", roster_joining_name(
			       (enum roster_joining)e->joining));
		(void)putchar(',');
		string("leaving", roster_leaving_name(
			       (enum roster_leaving)e->leaving));
		(void)putchar(',');
		print_media(i);
		(void)putchar('}');
		sep = ",";
	}
	(void)putchar(']');
}


static void print(const char *result)
{
	unsigned i;

	(void)printf("{\"result\":\"%s\",\"version\":%" PRIu32
		     ",\"deleted\":%s,\"truncated\":%s,\"active\":%s,"
		     "\"locked\":%s,\"count\":%" PRId64 ",", result,
		     r.version, r.deleted ? "true" : "false",
		     r.truncated ? "true" : "false",
		     r.active ? "true" : "false",
		     r.locked ? "true" : "false",
		     r.count_set ? (int64_t)r.user_count : -1);
	text("subject", r.subject);
	(void)putchar(',');
	text("name", r.name);
	(void)printf(",\"users\":[");

	for (i = 0; i < r.userc; i++) {
		(void)printf("%s{", i ? "," : "");
		text("entity", r.userv[i].entity);
		(void)putchar(',');
		text("name", r.userv[i].name);
		(void)putchar(',');
		text("roles", r.userv[i].roles);
		(void)putchar(',');
		print_endpoints(i);
		(void)putchar('}');
	}

	(void)printf("]}\n");
}


static void document(size_t len)
{
	static const char *const resultv[] = {
		[ROSTER_APPLIED] = "applied", [ROSTER_OLD] = "old",
		[ROSTER_GAP] = "gap"
	};
	enum roster_result result;
	char *copy = malloc(len ? len : 1);

	/* its own block: reading too far is seen */
	if (!copy)
		exit(2);
	memcpy(copy, buf, len);
	print(roster_update(&r, &result, &work, copy, len) ? "malformed"
	      : resultv[result]);
	free(copy);
}


int main(void)
{
	char line[32];
	unsigned long len;

	sip_store_init(&store);
	roster_init(&r, &store);
	while (fgets(line, sizeof(line), stdin)) {

		if (!strcmp(line, "reset\n"))
			roster_clear(&r);
		else if (!strcmp(line, "restart\n"))
			roster_restart(&r);
		else if (sscanf(line, "doc %lu", &len) == 1 &&
			 len <= XML_LEN_MAX &&
			 fread(buf, 1, len, stdin) == len)
			document(len);
		else
			return 2;
	}

	return 0;
}
