/**
 * @file mem.c  What a UE needs in RAM, and how much of it is ever used
 *
 *     mem [FILE.json]
 *
 * Sizes of struct ue and of the tables in it as this compiler lays them out,
 * and the peaks after LIVES simulated lives on bad networks (life.h).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "ports/common/pool.h"
#include "test/sim/life.h"
#include "test/sim/world.h"

#define LIVES 1000

/** A member of struct ue; count 0: no table */
struct row {
	const char *name;
	size_t size;
	unsigned count;
	unsigned peak;
};

#define UE_SIZE(m) sizeof(((struct ue *)0)->m)


static void raise(unsigned *peak, unsigned n)
{
	if (n > *peak)
		*peak = n;
}


static void add(struct sim_peaks *p, const struct sim_peaks *q)
{
	raise(&p->ctrans, q->ctrans);
	raise(&p->strans, q->strans);
	raise(&p->flows, q->flows);
	raise(&p->streams, q->streams);
	raise(&p->blocks, q->blocks);
	raise(&p->events, q->events);
	raise(&p->timers, q->timers);
	raise(&p->pcscfs, q->pcscfs);
}


static size_t rows(struct row *v, const struct sim_peaks *p)
{
	const struct row all[] = {
		{"struct ue", sizeof(struct ue), 0, 0},
		{"  sip", UE_SIZE(sip), 0, 0},
		{"    streams", UE_SIZE(sip.streamv), UE_STREAMS_MAX,
		 p->streams},
		{"    flows", UE_SIZE(sip.flowv), UE_FLOWS_MAX, p->flows},
		{"    client transactions", UE_SIZE(sip.ctransv),
		 UE_CTRANS_MAX, p->ctrans},
		{"    server transactions", UE_SIZE(sip.stransv),
		 UE_STRANS_MAX, p->strans},
		{"    message blocks", UE_SIZE(sip.store), UE_SIP_BLOCKS,
		 p->blocks},
		{"    received message", UE_SIZE(sip.rx), 0, 0},
		{"    transmit buffer", UE_SIZE(sip.tx), 0, 0},
		{"  reg", UE_SIZE(reg), 0, 0},
		{"    identities", UE_SIZE(reg.id), 0, 0},
		{"    information", UE_SIZE(reg.info), 0, 0},
		{"    registration event", UE_SIZE(reg.regevent), 0, 0},
		{"    challenge", UE_SIZE(reg.auth), 0, 0},
		{"    P-CSCFs", UE_SIZE(reg.pcscfs), UE_PCSCF_MAX,
		 p->pcscfs},
		{"  events", UE_SIZE(eventv), UE_EVENTS_MAX, p->events},
		{"  timers running", 0, 0, p->timers},
	};

	memcpy(v, all, sizeof(all));

	return sizeof(all) / sizeof(all[0]);
}


static void print_rows(const struct row *v, size_t n)
{
	size_t i;

	printf("%-28s %8s %6s %6s\n", "", "octets", "count", "peak");
	for (i = 0; i < n; i++) {
		printf("%-28s", v[i].name);
		if (v[i].size)
			printf(" %8zu", v[i].size);
		else
			printf(" %8s", "");
		if (v[i].count)
			printf(" %6u %6u", v[i].count, v[i].peak);
		else if (v[i].peak)
			printf(" %6s %6u", "", v[i].peak);
		printf("\n");
	}
}


static void print_pools(void)
{
	struct pool_stats st;
	size_t i;

	printf("\n%-28s %8s %6s %6s %6s %6s\n", "libre's pools", "octets",
	       "count", "used", "peak", "failed");
	for (i = 0; !pool_stats_get(&st, i); i++)
		printf("  %-26zu %8zu %6u %6u %6u %6" PRIu32 "\n", st.size,
		       st.size * st.count, st.count, st.used, st.peak,
		       st.failed);
}


static void name_json(FILE *f, const char *name)
{
	fputc('"', f);
	for (name += strspn(name, " "); *name; name++)
		fputc(*name == ' ' || *name == '-' ? '_' : *name, f);
	fputc('"', f);
}


static int write_json(const char *file, const struct row *v, size_t n)
{
	struct pool_stats st;
	FILE *f = fopen(file, "w");
	size_t i;

	if (!f) {
		perror(file);
		return 1;
	}

	fprintf(f, "{\n  \"pointer_size\": %zu,\n  \"tables\": {\n",
		sizeof(void *));
	for (i = 0; i < n; i++) {
		fputs("    ", f);
		name_json(f, v[i].name);
		fprintf(f, ": {\"size\": %zu, \"count\": %u, \"peak\": %u}"
			"%s\n", v[i].size, v[i].count, v[i].peak,
			i + 1 < n ? "," : "");
	}
	fprintf(f, "  },\n  \"pools\": [");
	for (i = 0; !pool_stats_get(&st, i); i++)
		fprintf(f, "%s\n    {\"size\": %zu, \"count\": %u, "
			"\"used\": %u, \"peak\": %u, \"failed\": %" PRIu32
			"}", i ? "," : "", st.size, st.count, st.used,
			st.peak, st.failed);
	fprintf(f, "\n  ]\n}\n");

	return fclose(f) ? 1 : 0;
}


int main(int argc, char *argv[])
{
	struct sim_peaks peaks;
	struct row v[32];
	uint64_t seed;
	size_t n;

	memset(&peaks, 0, sizeof(peaks));
	for (seed = 1; seed <= LIVES; seed++) {

		struct life life;
		const char *why = life_run(&life, seed);

		if (why) {
			fprintf(stderr, "mem: life %" PRIu64 ": %s\n", seed,
				why);
			return 1;
		}
		add(&peaks, &life.peaks);
	}

	n = rows(v, &peaks);
	print_rows(v, n);
	print_pools();

	return argc > 1 ? write_json(argv[1], v, n) : 0;
}
