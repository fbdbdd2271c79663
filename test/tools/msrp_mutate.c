/**
 * @file msrp_mutate.c  Host program: mutated MSRP streams in number
 *
 * msrp_mutate [-n N] [-r SEED] FILE...
 *
 * Each of N times two endpoints talk; then one of them gets a stream made of
 * the files (frames addressed to it) with a few random changes, in pieces of
 * random size, while it sends itself.  At the end the connection is cut:
 * every message must have had its outcome, and the endpoint must work on with
 * a new connection.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "msrp/cpim.h"
#include "msrp/imdn.h"
#include "test/unit/msrp_kit.c"

enum { FILES = 64, STREAM = 16384 };

static struct {
	char text[FILES][4096];
	size_t len[FILES];
	unsigned n;
} file;

static uint8_t stream[STREAM];
static size_t stream_len;
static uint32_t seed;


static void must(int cond, const char *what)
{
	if (!cond) {
		fprintf(stderr, "msrp_mutate: seed %u: %s\n", seed, what);
		abort();
	}
}


static void put(const char *p, size_t n)
{
	if (STREAM - stream_len < n)
		n = STREAM - stream_len;
	memcpy(stream + stream_len, p, n);
	stream_len += n;
}


/** A frame as it would come from the peer: its paths are the kit's */
static void put_frame(const char *text, size_t n)
{
	const char *end = text + n, *nl;

	while (text < end) {
		nl = memchr(text, '\n', (size_t)(end - text));
		nl = nl ? nl + 1 : end;
		if (nl - text > 9 && !memcmp(text, "To-Path: ", 9))
			put("To-Path: " KIT_URI_1 "\r\n",
			    sizeof("To-Path: " KIT_URI_1 "\r\n") - 1);
		else if (nl - text > 11 && !memcmp(text, "From-Path: ", 11))
			put("From-Path: " KIT_URI_0 "\r\n",
			    sizeof("From-Path: " KIT_URI_0 "\r\n") - 1);
		else
			put(text, (size_t)(nl - text));
		text = nl;
	}
}


static void change(void)
{
	const size_t at = mkit_rnd((uint32_t)stream_len);
	const size_t from = mkit_rnd((uint32_t)stream_len);
	size_t k = 1 + mkit_rnd(40);

	switch (mkit_rnd(6)) {

	case 0:
		stream[at] = (uint8_t)(stream[at] ^ 1u << mkit_rnd(8));
		break;

	case 1:
		stream[at] = (uint8_t)mkit_rnd(256);
		break;

	case 2:
		stream_len = 1 + at;
		break;

	case 3:
		if (k > stream_len - at)
			k = stream_len - at;
		memmove(stream + at, stream + at + k, stream_len - at - k);
		stream_len -= k;
		break;

	case 4:
		if (stream_len + k > STREAM)
			break;
		memmove(stream + at + k, stream + at, stream_len - at);
		memset(stream + at, (int)mkit_rnd(256), k);
		stream_len += k;
		break;

	default:
		if (k > stream_len - at)
			k = stream_len - at;
		if (k > stream_len - from)
			k = stream_len - from;
		memmove(stream + at, stream + from, k);
		break;
	}
	if (!stream_len)
		stream_len = 1;
}


static void inject(void)
{
	size_t pos = 0, k, used;
	uint8_t *exact;

	while (pos < stream_len && mkit[1].up) {

		k = mkit_rnd(4) ? 1 + mkit_rnd(2000) : 1 + mkit_rnd(3);
		if (k > stream_len - pos)
			k = stream_len - pos;
		exact = malloc(k);
		memcpy(exact, stream + pos, k);
		(void)msrp_recv(&mkit[1].m, mkit_ms, 0, exact, k, &used);
		free(exact);
		must(used <= k, "took more than there was");
		mkit[1].out.len = 0;
		msrp_writable(&mkit[1].m, mkit_ms, 0);
		if (!used)
			break;
		pos += used;
	}
}


/** What applications do with bodies */
static void contents(void)
{
	char *exact = malloc(stream_len);
	const struct pl pl = {exact, stream_len};
	enum msrp_imdn_status st;
	struct msrp_cpim c;
	uint32_t refresh;
	bool active;
	struct pl id;

	memcpy(exact, stream, stream_len);
	if (!msrp_cpim_decode(&c, exact, stream_len))
		(void)msrp_cpim_uri(&id, &c.from);
	(void)msrp_imdn_decode(&id, &st, &pl);
	(void)msrp_composing_decode(&active, &refresh, &pl);
	free(exact);
}


static void once(void)
{
	unsigned i, n = 1 + mkit_rnd(4);

	mkit_start(20000, seed);
	mkit[1].stream = mkit_rnd(2);
	(void)mkit_send(1, "hello", 5, true);
	(void)mkit_send(1, file.text[0], file.len[0], false);

	stream_len = 0;
	while (n--) {
		i = mkit_rnd(file.n);
		put_frame(file.text[i], file.len[i]);
	}
	n = 1 + mkit_rnd(5);
	while (n--)
		change();
	inject();
	contents();

	mkit_pass(mkit_rnd(200000));
	mkit_cut();
	must(mkit[1].n_sent == 2, "outcomes of what was sent");
	for (i = 0; i < KIT_MSGS; i++)
		must(!mkit[1].inv[i].used || mkit[1].inv[i].done,
		     "an inbound message without outcome");
}


static int load(const char *path)
{
	FILE *f = fopen(path, "rb");

	if (!f || file.n == FILES)
		return EINVAL;
	file.len[file.n] = fread(file.text[file.n], 1, 4096, f);
	fclose(f);
	if (!file.len[file.n++])
		return EINVAL;

	return 0;
}


int main(int argc, char *argv[])
{
	unsigned long n = 200000, i;
	uint32_t first = 1;
	int c;

	while ((c = getopt(argc, argv, "n:r:")) != -1) {
		if (c == 'n')
			n = strtoul(optarg, NULL, 0);
		else if (c == 'r')
			first = (uint32_t)strtoul(optarg, NULL, 0);
		else
			return 2;
	}
	for (; optind < argc; optind++) {
		if (load(argv[optind])) {
			fprintf(stderr, "msrp_mutate: %s\n", argv[optind]);
			return 2;
		}
	}
	if (!file.n)
		return 2;

	for (i = 0; i < n; i++) {
		seed = first + (uint32_t)i;
		once();
	}
	printf("%lu mutated streams\n", n);

	return 0;
}
