/**
 * @file sigcomp_mutate.c  Host program: mutated SigComp messages in number
 *
 * sigcomp_mutate [-n N] [-r SEED] [-d DMS] [-s SMS] [-x] FILE...
 *
 * The files are one direction of a compartment, in order. Before each of
 * them its share of the N mutated messages is tried: made of this file or
 * another one, discarded or accepted for a second compartment. Then the file
 * itself must still decompress: hostile input never costs the first
 * compartment's good state, and no message exceeds its cycles. -x: the files
 * are not all good, this is not checked.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/tools/sigcomp_tool.h"

enum { FILES = 256, FILE_MAX = 8192, OUT = 65536, SMS_MAX = 8192 };

static struct {
	struct sigcomp sc;
	struct sigcomp_compartment comp[2];
	uint64_t arena[2][SMS_MAX / 8 + 1];
	uint64_t mem[(65536 + SIGCOMP_MEM_PAD) / 8];
	uint8_t out[OUT];
	uint8_t file[FILES][FILE_MAX];
	size_t len[FILES];
	unsigned long reason[32];
	uint32_t seed;
} t;


static uint32_t rnd(uint32_t below)
{
	t.seed ^= t.seed << 13;
	t.seed ^= t.seed >> 17;
	t.seed ^= t.seed << 5;

	return below ? t.seed % below : 0;
}


static void must(int cond, const char *what)
{
	if (!cond) {
		fprintf(stderr, "sigcomp_mutate: %s\n", what);
		abort();
	}
}


/** One random change; the buffer has FILE_MAX bytes */
static size_t change(uint8_t *p, size_t n, unsigned files)
{
	/* more often behind the header than in it */
	const size_t from = n > 16 && rnd(4) ? 9 : 0;
	const size_t at = from + rnd((uint32_t)(n - from)), k = 1 + rnd(8);
	const unsigned other = rnd(files);

	switch (rnd(7)) {

	case 0:
		p[at] = (uint8_t)(p[at] ^ 1u << rnd(8));
		return n;

	case 1:
		p[at] = (uint8_t)rnd(256);
		return n;

	case 2:
		return 1 + at;

	case 3:
		if (n + k > FILE_MAX)
			return n;
		memmove(p + at + k, p + at, n - at);
		memset(p + at, (int)rnd(256), k);
		return n + k;

	case 4:
		if (n - at <= k)
			return n;
		memmove(p + at, p + at + k, n - at - k);
		return n - k;

	case 5:
		if (at < t.len[other])
			memcpy(p + at, t.file[other] + at,
			       k < t.len[other] - at && k < n - at ? k : 1);
		return n;

	default:
		/* operand bytes that mean something */
		p[at] = (uint8_t)(0x80 | rnd(128));
		return n;
	}
}


static void try_one(unsigned file, unsigned files)
{
	static uint8_t msg[FILE_MAX];
	uint8_t nack[SIGCOMP_NACK_MAX];
	struct sigcomp_result res;
	unsigned times = 1 + rnd(6);
	size_t n, len;
	int err;

	if (!rnd(4))
		file = rnd(files);
	len = t.len[file];
	memcpy(msg, t.file[file], len);
	while (times--)
		len = change(msg, len, files);

	err = sigcomp_decompress(&res, &t.sc, t.out, sizeof(t.out), msg, len,
				 rnd(8) == 0);
	must(res.cycles <= res.budget, "more cycles than there were");
	must(res.budget <= (8 * len + 1000) * 16, "too large a budget");
	++t.reason[res.reason % 32];

	if (err)
		must(sigcomp_nack(&n, &t.sc, nack, sizeof(nack), msg, len) ==
		     0 || !sigcomp_is_message(msg, len) || t.sc.was_nack,
		     "a failure without NACK");
	else if (res.kind == SIGCOMP_TEXT && rnd(2))
		(void)sigcomp_accept(&t.sc, &t.comp[1]);
	else
		sigcomp_discard(&t.sc);
}


int main(int argc, char *argv[])
{
	struct sigcomp_settings set = {
		.dms = 8192, .cpb = 16, .version = 2,
		.mem = (uint8_t *)t.mem, .mem_size = sizeof(t.mem)
	};
	unsigned long n = 10000, done = 0, bad = 0;
	uint32_t sms = SMS_MAX;
	unsigned files, i;
	bool check = true;
	int c;

	t.seed = 1;
	while ((c = getopt(argc, argv, "n:r:s:d:x")) != -1) {
		switch (c) {
		case 'n': n = strtoul(optarg, NULL, 10);                 break;
		case 'r': t.seed = (uint32_t)strtoul(optarg, NULL, 10);  break;
		case 's': sms = (uint32_t)strtoul(optarg, NULL, 10);     break;
		case 'x': check = false;                                 break;
		case 'd': set.dms = (uint32_t)strtoul(optarg, NULL, 10); break;
		default:  return 2;
		}
	}
	if (!t.seed)
		t.seed = 1;

	files = (unsigned)(argc - optind);
	if (!files || files > FILES || sms > SMS_MAX) {
		fprintf(stderr, "usage: sigcomp_mutate [-n N] [-r SEED] "
			"[-d DMS] [-s SMS] [-x] FILE...\n");
		return 2;
	}

	for (i = 0; i < files; ++i) {
		FILE *f = fopen(argv[optind + (int)i], "rb");

		must(f != NULL, "cannot read a file");
		t.len[i] = fread(t.file[i], 1, FILE_MAX, f);
		must(t.len[i] > 0 && t.len[i] < FILE_MAX, "bad file size");
		fclose(f);
	}

	must(sigcomp_init(&t.sc, &set) == 0, "settings");
	for (i = 0; i < 2; ++i)
		must(sigcomp_open(&t.sc, &t.comp[i], t.arena[i], sms, NULL,
				  0) == 0, "compartment");

	for (i = 0; i < files; ++i) {
		struct sigcomp_result res;

		for (; done < n * (i + 1) / files; ++done)
			try_one(i, files);

		if (sigcomp_decompress(&res, &t.sc, t.out, sizeof(t.out),
				       t.file[i], t.len[i], false))
			++bad;
		else
			(void)sigcomp_accept(&t.sc, &t.comp[0]);
	}

	for (i = 0; i < 32; ++i)
		if (t.reason[i])
			printf("%8lu %s\n", t.reason[i],
			       i ? sigcomp_reason_name((enum sigcomp_reason)i)
			       : "ok");
	printf("%lu mutated, %u good messages, %lu of them failed\n", done,
	       files, bad);

	return bad && check ? 1 : 0;
}
