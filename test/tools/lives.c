/**
 * @file lives.c  Simulated lives in number
 *
 *     lives [-c | -f | -i | -m | -r | -w] [-n LIVES] [-s SEED] [-v]
 *
 * LIVES (2000) lives with the seeds SEED (1) and following; -v prints each,
 * -c: lives in which everything happens (chaos.c); -f: lives full of
 * conferences (conf_life.c); -i: lives full of sessions (session_life.c); -m:
 * lives full of chats (chat_life.c); -r: with security associations
 * (races.c); -w: whole stories over a bad network in which the P-CSCF restarts
 * (story.c).  A life that goes wrong prints its seed: `lives -n 1 -v -s SEED`
 * is the same life again.  Exit status 0 all well, 1 not.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "test/sim/chat_life.h"
#include "test/sim/conf_life.h"
#include "test/sim/session_life.h"
#include "test/sim/story.h"

struct total {
	uint64_t time_ms;
	uint64_t packets;
	uint64_t lost;
	uint64_t requests;
	uint64_t retries;
	uint64_t renewed;
	unsigned store;
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
	if (l->peaks.store > t->store)
		t->store = l->peaks.store;
}


static void print_sessions(const struct session_life_total *s)
{
	printf("sessions: %u started, %u came in, %u established, %u failed, "
	       "%u ended, %u changed by us, %u in vain, %u by the other side; "
	       "%u forked, %u PRACK, %u of preconditions, %u glares, %u "
	       "crossing BYE\n",
	       s->started, s->incoming, s->established, s->failed, s->ended,
	       s->modified, s->modify_failed, s->changed, s->forks,
	       s->pracks, s->qos, s->glares, s->crossed);
}


static void print_conferences(const struct conf_life_total *t)
{
	printf("conferences: %u joined, %u failed, %u ended, %u of them by "
	       "the focus, %u invitations, %u REFERs done, %u lost, %u held, "
	       "%u changed, %u subscribed, %u rosters; the focus: %u forked, "
	       "%u glares, %u crossing BYE, %u documents, %u storms, %u "
	       "REFERs, %u restarts\n",
	       t->joined, t->failed, t->ended, t->by_peer, t->invitations,
	       t->done, t->lost, t->modified, t->changed, t->subscribed,
	       t->rosters, t->forks, t->glares, t->crossed, t->documents,
	       t->storms, t->referred, t->restarts);
}


static void print_chats(const struct chat_life_total *t)
{
	printf("chats: %u, %u lost, %u of them made again, %u cuts, %u times a "
	       "connection for both; of us %u sent, %u failed; to us %u, %u "
	       "broken; the phones: %u sent, %u failed, %u reports, %u mute, "
	       "%u refused; %u sent again, %u copies known\n", t->chats,
	       t->lost, t->renewed, t->cuts, t->shared, t->sent, t->failed,
	       t->got, t->broken, t->phone_sent, t->phone_failed, t->reports,
	       t->muted, t->refused, t->again, t->copies);
}


static void print_stories(const struct story_total *t)
{
	printf("stories: %u steps, %u more that failed and were done again; "
	       "%u registrations lost and made again, %u conferences; %u "
	       "messages, %u files\n", t->steps, t->failed, t->lost,
	       t->rejoined, t->notes, t->files);
}


int main(int argc, char *argv[])
{
	struct total t;
	uint64_t n = 2000, seed = 1, i;
	const char *(*run)(struct life *life, uint64_t seed) = life_run;
	int c, verbose = 0;

	memset(&t, 0, sizeof(t));

	while ((c = getopt(argc, argv, "cfimn:rs:vw")) != -1) {
		switch (c) {
		case 'c': run = chaos_run; break;
		case 'f': run = conf_life_run; break;
		case 'i': run = session_life_run; break;
		case 'm': run = chat_life_run; break;
		case 'r': run = races_run; break;
		case 'n': n = strtoull(optarg, NULL, 0); break;
		case 's': seed = strtoull(optarg, NULL, 0); break;
		case 'v': verbose = 1; break;
		case 'w': run = story_run; break;
		default:
			fprintf(stderr, "usage: lives [-c | -f | -i | -m | "
				"-r | -w] [-n LIVES] [-s SEED] [-v]\n");
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
	       "%u octets kept\n", n, seed, t.failed, (double)t.time_ms / 3600e3,
	       t.packets, t.lost, t.requests, t.retries, t.renewed, t.store);

	if (run == session_life_run)
		print_sessions(&session_life_total);
	if (run == conf_life_run)
		print_conferences(&conf_life_total);
	if (run == chat_life_run)
		print_chats(&chat_life_total);
	if (run == story_run)
		print_stories(&story_total);

	return t.failed ? 1 : 0;
}
