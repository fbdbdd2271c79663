/**
 * @file bench_sip_parse.c  Instructions and allocations of parsing an INVITE
 *
 *     bench_sip_parse [FILE...]     rows: name value unit goal
 *     bench_sip_parse -1 FILE       one parse, to be watched from outside
 *
 * Runs itself under callgrind and counts in measured() only.  Measured is
 * what a UE does with a request before it knows what to do with it: start
 * line, all Vias, From, To, CSeq, Call-ID, Content-Type and -Length checked
 * and decoded, Contact, Route and Record-Route sets decoded one by one.
 * Without FILE: the INVITEs of test/vectors.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ue/sip/message.h"

#define GOAL 43000

static unsigned allocations;
static bool counting;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
int measured(struct sip_msg *m, char *buf, size_t len);


void *__wrap_malloc(size_t size)
{
	allocations += counting;

	return __real_malloc(size);
}


static int addresses(const struct sip_msg *m, enum sip_hdr_id id)
{
	struct sip_iter it;
	struct sip_addr addr;
	int n = 0;

	sip_iter_init(&it, m, id);
	while (!sip_iter_addr(&addr, &it))
		n += addr.uri.host.l > 0;

	return n;
}


__attribute__((noinline))
int measured(struct sip_msg *m, char *buf, size_t len)
{
	if (sip_msg_parse(m, buf, len, SIP_FRAMING_DATAGRAM))
		return -1;

	return addresses(m, SIP_HDR_CONTACT) + addresses(m, SIP_HDR_ROUTE) +
		addresses(m, SIP_HDR_RECORD_ROUTE) +
		sip_ctype_is(&m->ctype, "application", "sdp");
}


/** What the dynamic linker does at a function's first call is not ours */
static void warm_up(struct sip_msg *m)
{
	char buf[] = "OPTIONS sip:a SIP/2.0\r\nTo: <sip:a>\r\n\r\n";

	(void)sip_msg_parse(m, buf, sizeof(buf) - 1, SIP_FRAMING_DATAGRAM);
}


static int one(const char *path)
{
	static struct sip_msg m;
	static char buf[SIP_MSG_LEN_MAX];
	FILE *f = fopen(path, "rb");
	size_t len;
	int n;

	if (!f)
		return 2;
	len = fread(buf, 1, sizeof(buf), f);
	fclose(f);

	warm_up(&m);
	counting = true;
	n = measured(&m, buf, len);
	counting = false;

	if (n < 2 || m.method != SIP_METHOD_INVITE || !m.body.l)
		return 1;

	printf("%u\n", allocations);

	return 0;
}


/** Instructions of one parse by callgrind; -1: it did not work */
static long count(const char *self, const char *path)
{
	char cmd[1024], line[256];
	long n = -1, found;
	FILE *p;

	snprintf(cmd, sizeof(cmd), "valgrind --tool=callgrind "
		 "--toggle-collect=measured --callgrind-out-file=/dev/null "
		 "'%s' -1 '%s' 2>&1", self, path);
	p = popen(cmd, "r");
	if (!p)
		return -1;
	while (fgets(line, sizeof(line), p)) {

		const char *s = strstr(line, "Collected : ");

		if (s && sscanf(s, "Collected : %ld", &found) == 1)
			n = found;
	}
	if (pclose(p))
		n = -1;

	return n;
}


/** Allocations of one parse; -1: it was not parsed */
static int allocs(const char *self, const char *path)
{
	char cmd[1024];
	int n = -1;
	FILE *p;

	snprintf(cmd, sizeof(cmd), "'%s' -1 '%s'", self, path);
	p = popen(cmd, "r");
	if (!p)
		return -1;
	if (fscanf(p, "%d", &n) != 1)
		n = -1;
	if (pclose(p))
		n = -1;

	return n;
}


static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}


int main(int argc, char *argv[])
{
	const char *self = argv[0];
	glob_t g = {0};
	long worst = 0;
	int alloc_max = 0;

	if (argc == 3 && !strcmp(argv[1], "-1"))
		return one(argv[2]);

	if (argc < 2) {
		glob("test/vectors/sip-flow/*INVITE*.sip", 0, NULL, &g);
		glob("test/vectors/sip-invite/*.sip", GLOB_APPEND, NULL, &g);
		argv = g.gl_pathv;
		argc = (int)g.gl_pathc;
	}
	else {
		++argv;
		--argc;
	}

	for (int i = 0; i < argc; i++) {

		const long n = count(self, argv[i]);
		const int a = allocs(self, argv[i]);

		if (n < 0 || a < 0) {
			fprintf(stderr, "bench_sip_parse: %s: not parsed, or "
				"no valgrind\n", argv[i]);
			return 1;
		}
		printf("sip parse %s %ld instructions %d\n", base(argv[i]),
		       n, GOAL);
		worst = n > worst ? n : worst;
		alloc_max = a > alloc_max ? a : alloc_max;
	}

	printf("sip parse INVITE %ld instructions %d\n", worst, GOAL);
	printf("sip parse allocations %d blocks 0\n", alloc_max);

	return worst && worst <= GOAL && !alloc_max ? 0 : 1;
}
