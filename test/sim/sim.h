/**
 * @file sim.h  The simulator: UEs on a virtual clock, a network in memory
 *
 *     sim_init(&sim, seed);
 *     net_init(&net, &sim);            the network's side, net.h
 *     sim_ue_init(&u, &sim, &settings);
 *     sim_ue_register(&u);
 *     sim_wait(&u, UE_EVENT_REGISTERED, 300);
 *
 * Everything that happens follows from the seed: delays, losses, random
 * octets of the UE.  Hours pass in milliseconds.  TCP is a reliable ordered
 * stream of octets in which a loss costs time, cut into pieces at random.
 * Nothing is allocated; the structs are large: let them be static.
 */
#ifndef SIM_H
#define SIM_H

#include "ports/common/usim_soft.h"
#include "ue/ue.h"

#define SIM_PACKETS 48          /* on their way at a time                */
#define SIM_PACKET_MAX UE_SIP_MSG_MAX
#define SIM_CONNS 16            /* TCP connections                       */
#define SIM_UES 4
#define SIM_EVENTS 64           /* remembered for each UE                */
#define SIM_NV 4
#define SIM_NV_LEN 288

/** A SYN that nobody answers, milliseconds (five repetitions) */
#define SIM_SYN_TIMEOUT_MS 63000

struct sim;
struct sim_ue;

/** The path between the UEs and the network, both ways */
struct sim_link {
	unsigned loss;          /**< percent of packets                  */
	unsigned dup;           /**< percent of datagrams, arrive twice  */
	unsigned reorder;       /**< percent of datagrams, come late     */
	uint32_t delay_ms;
	uint32_t jitter_ms;
	bool segment;           /**< cut TCP streams at random           */
};

/** The network's side of the path.  conn: number of a TCP connection */
struct sim_host {
	/** A datagram arrived at one of the network's addresses */
	void (*udp_h)(const struct ue_addr *dst, const struct ue_addr *src,
		      uint8_t *data, size_t len, void *arg);
	/** A UE connects.  @return 0; ECONNREFUSED; ETIMEDOUT: no answer */
	int (*accept_h)(unsigned conn, const struct ue_addr *dst, void *arg);
	/** sim_tcp_connect() has come to an end */
	void (*connect_h)(unsigned conn, int err, void *arg);
	void (*data_h)(unsigned conn, uint8_t *data, size_t len, void *arg);
	/** The UE closed it; the number is void */
	void (*closed_h)(unsigned conn, void *arg);
	/** Is the machine with this address running? */
	bool (*alive_h)(const struct ue_addr *addr, void *arg);
	/** Look up a name.  @return number of addresses */
	size_t (*resolve_h)(struct ue_addr *addrv, size_t max,
			    const char *name, void *arg);
	void *arg;
};

/** What a packet is */
enum sim_packet_kind {
	SIM_PACKET_FREE = 0,
	SIM_PACKET_UDP,
	SIM_PACKET_SYN,
	SIM_PACKET_SYN_ACK,
	SIM_PACKET_DATA,
	SIM_PACKET_FIN,
	SIM_PACKET_RST          /**< err                                 */
};

struct sim_packet {
	uint8_t kind;
	bool to_net;
	uint8_t conn;
	uint16_t gen;
	int err;
	uint64_t at_ms;
	uint64_t seq;
	struct ue_addr src;
	struct ue_addr dst;
	uint16_t off;           /**< DATA: delivered up to here          */
	uint16_t len;
	uint8_t data[SIM_PACKET_MAX];
};

struct sim_conn {
	bool used;
	bool net_open;          /**< the network's end                   */
	uint16_t gen;
	int flow;               /**< the UE's end, -1 = closed           */
	struct sim_ue *ue;
	struct ue_addr ue_addr;
	struct ue_addr net_addr;
	uint64_t last_ms[2];    /**< latest arrival, by to_net           */
};

struct sim_stats {
	unsigned packets;
	unsigned lost;
	unsigned duplicated;
	unsigned dropped;       /**< no room: as lost                    */
};

struct sim {
	uint64_t now_ms;
	uint64_t seed;
	uint64_t rng;
	struct sim_link link;
	struct sim_host host;
	struct ue_timers timers;        /**< of the network and the cards */
	struct sim_ue *uev[SIM_UES];
	struct sim_conn connv[SIM_CONNS];
	struct sim_packet packetv[SIM_PACKETS];
	uint64_t seq;
	unsigned spins;         /**< steps without time passing          */
	const char *broken;     /**< the simulation itself is wrong: why */
	struct sim_stats stats;
};

/* ------------------------------------------------------------------ */
/* UEs */

/** A flow of the UE as its port sees it */
struct sim_flow {
	uint8_t kind;           /**< enum ue_flow_kind, 0 = closed       */
	struct ue_addr local;
	int conn;
};

struct sim_event {
	uint64_t at_ms;
	struct ue_event ev;
};

struct sim_nv {
	char key[16];
	size_t len;
	uint8_t val[SIM_NV_LEN];
};

/** The n-th call from now fails (once); 0 = none */
struct sim_fault {
	unsigned open;          /**< flow_open(): EADDRNOTAVAIL          */
	unsigned send;          /**< flow_send(): send_err               */
	int send_err;
	unsigned random;        /**< random(): EIO                       */
	unsigned usim;          /**< usim_authenticate(): EIO            */
	unsigned usim_result;   /**< its result says FAILED              */
	unsigned nv_write;      /**< nv_write(): ENOSPC                  */
};

/** Events, and what they owe to commands */
struct sim_balance {
	unsigned registered;    /**< events so far                       */
	unsigned failed;
	unsigned reregistered;
	unsigned deregistered;
	bool register_owed;     /**< accepted, no outcome yet            */
	bool reregister_owed;
	bool deregister_owed;
	bool automatic;         /**< an event said `again`, and that has not
				 *   ended yet                           */
	const char *wrong;      /**< an outcome that nothing explains    */
};

/** Most entries of a table in use at a time */
struct sim_peaks {
	unsigned ctrans;
	unsigned strans;
	unsigned flows;
	unsigned streams;
	unsigned blocks;
	unsigned events;
	unsigned timers;
	unsigned pcscfs;
};

struct sim_ue {
	struct ue ue;
	struct sim *sim;
	struct ue_settings set;
	struct ue_port port;
	struct ue_addr addr;    /**< own IP address                      */
	uint64_t rng;
	uint64_t due_ms;        /**< next ue_poll()                      */
	bool open;

	struct sim_flow flowv[UE_FLOWS_MAX];
	uint16_t next_port;
	bool no_listen;         /**< the platform has no TCP listeners   */

	struct usim_soft card;
	bool no_card;
	uint32_t card_delay_ms; /**< 0: answers before it returns        */
	struct ue_usim_res card_res;
	struct ue_timer card_timer;
	struct ue_identity id;
	struct sim_nv nvv[SIM_NV];

	char name[64];          /**< being looked up                     */
	struct ue_timer resolve_timer;

	struct sim_fault fault;
	struct sim_balance bal;
	struct sim_peaks peaks;
	unsigned sends;
	unsigned wakes;

	struct sim_event eventv[SIM_EVENTS];    /* ring */
	unsigned eventc;        /**< all so far                          */
	unsigned seen;          /**< sim_wait() has looked at so many    */
};

/* what the network must know of the card */
extern const uint8_t sim_k[16];
extern const uint8_t sim_opc[16];
#define SIM_IMSI "001010000000001"
#define SIM_HOME "ims.mnc001.mcc001.3gppnetwork.org"
#define SIM_IMPI SIM_IMSI "@" SIM_HOME
#define SIM_IMPU_TEMP "sip:" SIM_IMPI

/** Empty world, time 0.  A link without loss and 20 ms delay */
void sim_init(struct sim *sim, uint64_t seed);

/** Next number of the simulation's own generator; below n */
uint64_t sim_rand(struct sim *sim);
uint32_t sim_below(struct sim *sim, uint32_t n);
bool sim_chance(struct sim *sim, unsigned percent);

/** Settings as most tests want them: identities from the card's IMSI */
void sim_settings(struct ue_settings *set, const char *pcscf);

/** Fill in the UE's port and card, add it to the world, ue_init().  set is
 *  copied.  @return of ue_init() */
int  sim_ue_init(struct sim_ue *u, struct sim *sim,
		 const struct ue_settings *set);
/** ue_close(), out of the world */
void sim_ue_close(struct sim_ue *u);

/* commands, counted */
int  sim_ue_register(struct sim_ue *u);
int  sim_ue_reregister(struct sim_ue *u);
int  sim_ue_deregister(struct sim_ue *u);

/** Let time pass until then.  @return false: sim->broken */
bool sim_run(struct sim *sim, uint64_t until_ms);
bool sim_run_s(struct sim *sim, uint32_t seconds);

/** Let time pass until the UE reports an event of that type that no earlier
 *  call has seen; events before it count as seen.
 *  @return the event; NULL: not within that time */
const struct ue_event *sim_wait(struct sim_ue *u, enum ue_event_type type,
				uint32_t max_s);
/** The same for the first of two types; 0 = any */
const struct ue_event *sim_wait2(struct sim_ue *u, enum ue_event_type a,
				 enum ue_event_type b, uint32_t max_s);

/** How many events of that type so far (of those remembered) */
unsigned sim_events(const struct sim_ue *u, enum ue_event_type type);

/** Number of flows open in the port */
unsigned sim_flows(const struct sim_ue *u);

/** Nothing is left of a life: no timer, transaction, block, flow; each
 *  command had one outcome.  @return NULL, or what is wrong */
const char *sim_residue(const struct sim_ue *u);

/* ------------------------------------------------------------------ */
/* For the network's side */

void sim_udp_send(struct sim *sim, const struct ue_addr *src,
		  const struct ue_addr *dst, const void *data, size_t len);
/** @return number of the connection, -1 = none free; connect_h follows */
int  sim_tcp_connect(struct sim *sim, const struct ue_addr *src,
		     const struct ue_addr *dst);
void sim_tcp_send(struct sim *sim, unsigned conn, const void *data,
		  size_t len);
/** err 0: FIN after what was sent; else a reset at once */
void sim_tcp_close(struct sim *sim, unsigned conn, int err);
/** The machine has gone without a word */
void sim_tcp_vanish(struct sim *sim, unsigned conn);

/* ------------------------------------------------------------------ */
/* Between sim.c, sim_ue.c and sim_port.c */

void sim_port_init(struct sim_ue *u);
void sim_ue_poll(struct sim_ue *u);
int  sim_conn_new(struct sim *sim, struct sim_ue *u, int flow,
		  const struct ue_addr *ue_addr,
		  const struct ue_addr *net_addr);
int  sim_queue_udp(struct sim *sim, bool to_net, const struct ue_addr *src,
		   const struct ue_addr *dst, const void *data, size_t len);
int  sim_queue_tcp(struct sim *sim, enum sim_packet_kind kind, bool to_net,
		   unsigned conn, int err, const void *data, size_t len);
void sim_conn_ue_closed(struct sim *sim, unsigned conn);
uint64_t sim_splitmix(uint64_t *state);

#endif
