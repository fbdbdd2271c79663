/**
 * @file bench_msrp.c  Instructions per octet to parse and to write MSRP
 *
 *     bench_msrp            rows: name value unit goal
 *     bench_msrp -1 WHAT    one run, to be watched from outside
 *
 * Runs itself under callgrind and counts in measured() only: 2 KB chunks of
 * a text or of random octets, 100 of them.  The stream comes in pieces of
 * 1460 octets, as TCP segments do.  Counted are all octets, headers too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "msrp/frame.h"

enum { CHUNKS = 100, PIECE = 1460 };

static uint8_t body[MSRP_CHUNK];
static uint8_t stream[CHUNKS * 3000];
static size_t stream_len;
static struct msrp_parser ps;
static struct msrp_head head;
static unsigned allocations;
static bool counting;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
int measured(bool parse);


void *__wrap_malloc(size_t size)
{
	allocations += counting;

	return __real_malloc(size);
}


static void set(struct msrp_head *h, enum msrp_hdr id, const char *value)
{
	h->hdrv[id].p = value;
	h->hdrv[id].l = strlen(value);
}


/** One chunk: the sender's work without the copy to the network */
static size_t chunk(char *hdr, size_t size, char *end, size_t *end_len,
		    unsigned n)
{
	static const char to[] = "msrp://[2001:db8::1]:2855/s417121abcdef;tcp";
	static const char from[] =
		"msrp://[2001:db8::2]:2855/s111271abcdef;tcp";
	const uint8_t rand[MSRP_RANDOM_LEN] = {1, 2, 3, 4, 5, 6, 7,
					       (uint8_t)n};
	char id[2 * MSRP_RANDOM_LEN + 1];
	struct msrp_head h;
	struct msrp_guard g;
	struct msrp_text t;

	msrp_hex(id, rand, MSRP_RANDOM_LEN);
	msrp_guard_init(&g, id);
	if (msrp_guard_pass(&g, body, sizeof(body)) != sizeof(body))
		abort();

	memset(&h, 0, sizeof(h));
	h.method = MSRP_SEND;
	h.body = h.ranged = true;
	h.tid.p = id;
	h.tid.l = sizeof(id) - 1;
	h.range.start = 1 + n * MSRP_CHUNK;
	h.range.end = (n + 1) * MSRP_CHUNK;
	h.range.total = CHUNKS * MSRP_CHUNK;
	set(&h, MSRP_TO_PATH, to);
	set(&h, MSRP_FROM_PATH, from);
	set(&h, MSRP_MESSAGE_ID, "0123456789abcdef");
	set(&h, MSRP_CONTENT_TYPE, "application/octet-stream");

	msrp_text_init(&t, end, MSRP_END_MAX);
	msrp_end_write(&t, &h.tid, true, MSRP_MORE);
	*end_len = t.len;
	msrp_text_init(&t, hdr, size);
	if (msrp_head_write(&t, &h))
		abort();

	return t.len;
}


static void write_all(bool keep)
{
	char hdr[512], end[MSRP_END_MAX];
	size_t n, end_len;
	unsigned i;

	for (i = 0; i < CHUNKS; i++) {

		n = chunk(hdr, sizeof(hdr), end, &end_len, i);
		if (!keep)
			continue;
		memcpy(stream + stream_len, hdr, n);
		memcpy(stream + stream_len + n, body, sizeof(body));
		stream_len += n + sizeof(body);
		memcpy(stream + stream_len, end, end_len);
		stream_len += end_len;
	}
}


static size_t parse_all(void)
{
	size_t pos = 0, got = 0, n, used;
	struct msrp_found f;

	while (pos < stream_len) {

		const uint8_t *p = stream + pos;

		n = stream_len - pos < PIECE ? stream_len - pos : PIECE;
		pos += n;
		while (!msrp_parser_feed(&ps, &f, &head, p, n, &used)) {
			p += used;
			n -= used;
			if (f.step == MSRP_STEP_DATA)
				got += f.len;
		}
	}

	return got;
}


__attribute__((noinline))
int measured(bool parse)
{
	if (parse)
		return parse_all() == CHUNKS * MSRP_CHUNK ? 0 : 1;

	write_all(false);

	return 0;
}


static int one(const char *what)
{
	const bool text = strstr(what, "text") != NULL;
	uint32_t x = 12345;
	size_t i;
	int err;

	for (i = 0; i < sizeof(body); i++) {
		x = x * 1103515245u + 12345u;
		body[i] = (uint8_t)(x >> 16);
		if (text)
			body[i] = i % 60 == 58 ? '\r' : i % 60 == 59 ? '\n' :
				(uint8_t)(' ' + body[i] % 95);
	}
	msrp_parser_init(&ps);
	write_all(true);
	/* what the dynamic linker does at first calls is not ours */
	(void)parse_all();

	counting = true;
	err = measured(strstr(what, "parse") != NULL);
	counting = false;
	printf("%u %zu\n", allocations, stream_len);

	return err;
}


static int row(const char *self, const char *what, const char *goal)
{
	char cmd[1024], line[256];
	unsigned allocs = 1;
	long n = -1, found;
	size_t len = 0;
	FILE *p;

	snprintf(cmd, sizeof(cmd), "valgrind --tool=callgrind "
		 "--toggle-collect=measured --callgrind-out-file=/dev/null "
		 "'%s' -1 %s 2>&1", self, what);
	p = popen(cmd, "r");
	if (!p)
		return 1;
	while (fgets(line, sizeof(line), p)) {

		const char *s = strstr(line, "Collected : ");

		if (s && sscanf(s, "Collected : %ld", &found) == 1)
			n = found;
		else if (*line != '=')
			(void)sscanf(line, "%u %zu", &allocs, &len);
	}
	if (pclose(p) || n < 0 || !len)
		return 1;

	printf("msrp %s %.2f instructions/B %s\n", what,
	       (double)n / (double)len, goal);
	printf("msrp %s allocations %u blocks 0\n", what, allocs);

	return 0;
}


int main(int argc, char *argv[])
{
	if (argc == 3 && !strcmp(argv[1], "-1"))
		return one(argv[2]);

	return row(argv[0], "parse-random", "4") ||
		row(argv[0], "parse-text", "4") ||
		row(argv[0], "write-random", "2") ||
		row(argv[0], "write-text", "2");
}
