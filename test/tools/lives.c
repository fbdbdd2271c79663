/**
 * @file lives.c  Simulated lives in number
 *
 *     lives [-c] [-n LIVES] [-s SEED] [-v]
 *
 * LIVES (2000) lives with the seeds SEED (1) and following; -v prints each,
 * -c: lives in which everything happens (chaos.c).  A life that goes wrong
 * prints its seed: `lives -n 1 -v -s SEED` is the same life again.  Exit
 * status 0 all well, 1 not.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "test/sim/life.h"

struct total {
	uint64_t time_ms;
	uint64_t packets;
	uint64_t lost;
	uint64_t requests;
	uint64_t retries;
	uint64_t renewed;
	unsigned blocks;
	unsigned failed;
};


static void print_life(uint64_t seed, const struct life *l, const char *why)
{
	static const char *const transportv[] = {"auto", "udp", "tcp"};

	printf("seed %" PRIu64 ": loss %u %%, %s, granted %" PRIu32 " s, "
	       "%.1f h, %u packets, %u requests, %u retries, %u renewed: %s\n",
	       seed, l->loss, transportv[l->transport % 3], l->grant_s,
	       (double)l->time_ms / 3600e3, l->packets, l->requests,
	       l->retries, l->renewed, why ? why : "ok");
}


static void add(struct total *t, const struct life *l, const char *why)
{
	t->time_ms += l->time_ms;
	t->packets += l->packets;
	t->lost += l->lost;
	t->requests += l->requests;
	t->retries += l->retries;
	t->renewed += l->renewed;
	t->failed += why != NULL;
	if (l->peaks.blocks > t->blocks)
		t->blocks = l->peaks.blocks;
}


int main(int argc, char *argv[])
{
	struct total t;
	uint64_t n = 2000, seed = 1, i;
	const char *(*run)(struct life *life, uint64_t seed) = life_run;
	int c, verbose = 0;

	memset(&t, 0, sizeof(t));

	while ((c = getopt(argc, argv, "cn:s:v")) != -1) {
		switch (c) {
		case 'c': run = chaos_run; break;
		case 'n': n = strtoull(optarg, NULL, 0); break;
		case 's': seed = strtoull(optarg, NULL, 0); break;
		case 'v': verbose = 1; break;
		default:
			fprintf(stderr, "usage: lives [-c] [-n LIVES] "
				"[-s SEED] [-v]\n");
			return 2;
		}
	}

	for (i = 0; i < n; i++) {

		struct life life;
		const char *why = run(&life, seed + i);

		add(&t, &life, why);
		if (why || verbose)
			print_life(seed + i, &life, why);
	}

	printf("%" PRIu64 " lives from seed %" PRIu64 ": %u failed; %.0f h "
	       "simulated, %" PRIu64 " packets (%" PRIu64 " lost), %" PRIu64
	       " requests, %" PRIu64 " retries, %" PRIu64 " renewed, at most "
	       "%u blocks\n", n, seed, t.failed, (double)t.time_ms / 3600e3,
	       t.packets, t.lost, t.requests, t.retries, t.renewed, t.blocks);

	return t.failed ? 1 : 0;
}
