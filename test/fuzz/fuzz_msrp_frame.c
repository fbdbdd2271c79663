/**
 * @file fuzz_msrp_frame.c  libFuzzer target: MSRP frames and URIs
 *
 * The input is a stream, its first octet the size of the pieces in which it
 * comes.  What is found must be the same as in one piece, must lie inside the
 * input or the parser, and bodies together with end-lines must make the
 * stream.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "msrp/frame.h"
#include "msrp/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct msrp_parser ps;
static struct msrp_head head;


static void must(int cond)
{
	if (!cond)
		abort();
}


/** What was found, as a sum; all octets of it are read */
struct sum {
	uint64_t h;
	size_t body, frames;
	int err;
};


static void mix(struct sum *s, const void *p, size_t n)
{
	const uint8_t *b = p;

	while (n--)
		s->h = (s->h ^ *b++) * 0x100000001b3u;
}


static void mix_head(struct sum *s)
{
	struct msrp_uri u;
	uint32_t v;
	unsigned i;

	mix(s, head.tid.p, head.tid.l);
	mix(s, head.name.p, head.name.l);
	mix(s, &head.bad, sizeof(head.bad));
	mix(s, &head.ranged, sizeof(head.ranged));
	if (head.ranged)
		must(head.range.start && head.range.end >=
		     head.range.start - 1);
	for (i = 0; i < MSRP_HDR_MAX; i++) {

		const struct pl *pl = &head.hdrv[i];

		if (pl->p)
			mix(s, pl->p, pl->l);
		(void)msrp_head_u32(&v, &head, (enum msrp_hdr)i);
		if (!msrp_uri_decode(&u, pl))
			must(msrp_uri_equal(&u, &u));
	}
	(void)msrp_head_report(&head);
	if (!head.bad)
		must(msrp_path_match(&head.hdrv[MSRP_TO_PATH],
				     &head.hdrv[MSRP_TO_PATH]));
}


static void feed(struct sum *s, const uint8_t *p, size_t n)
{
	struct msrp_found f;
	size_t used;

	for (;;) {
		s->err = msrp_parser_feed(&ps, &f, &head, p, n, &used);
		must(used <= n);
		if (s->err) {
			must(used == n);
			return;
		}
		if (f.step == MSRP_STEP_HEAD) {
			mix_head(s);
		}
		else if (f.step == MSRP_STEP_DATA) {
			must(f.len > 0);
			must((f.data >= p && f.data + f.len <= p + used) ||
			     (f.data >= (uint8_t *)ps.end &&
			      f.len <= sizeof(ps.end)));
			mix(s, f.data, f.len);
			s->body += f.len;
		}
		else {
			mix(s, &f.flag, sizeof(f.flag));
			s->frames++;
		}
		p += used;
		n -= used;
	}
}


static struct sum run(const uint8_t *data, size_t n, size_t step)
{
	struct sum s = {0xcbf29ce484222325u, 0, 0, EAGAIN};
	uint8_t *exact;
	size_t k;

	msrp_parser_init(&ps);
	while (n && s.err == EAGAIN) {
		k = step < n ? step : n;
		exact = malloc(k);
		memcpy(exact, data, k);
		feed(&s, exact, k);
		free(exact);
		data += k;
		n -= k;
	}

	return s;
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sum a, b;

	if (len < 2)
		return 0;

	a = run(data + 1, len - 1, len);
	b = run(data + 1, len - 1, 1u + data[0]);
	must(a.h == b.h && a.body == b.body && a.frames == b.frames);
	must(a.err == b.err);

	return 0;
}
