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
#define SIM_SETS 3              /* of associations, at a time            */
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
	/** Octets that a connection for MSRP has on their way before it takes
	 *  no more; 0 = 16384 */
	uint32_t window;
};

/** What a packet shows of ESP: see sim_esp.c */
struct sim_esp {
	uint32_t spi;           /**< 0 = in the clear                    */
	uint64_t key;           /**< stands for keys and algorithms      */
};

/** Four associations (TS 33.203 7.1), as one end has them */
struct sim_set {
	bool used;
	struct ue_addr ue_addr; /**< ports do not count                  */
	struct ue_addr net_addr;
	struct ipsec_offer ue;
	uint32_t spi_pc;
	uint32_t spi_ps;
	uint16_t port_pc;
	uint16_t port_ps;
	uint64_t key;
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
	/** A packet leaves: esp, unless it goes in the clear; NULL = always in
	 *  the clear.  @return false: there is no association for it */
	bool (*seal_h)(struct sim_esp *esp, const struct ue_addr *net,
		       const struct ue_addr *ue, void *arg);
	/** A packet arrives.  @return false: it is dropped */
	bool (*open_h)(const struct sim_esp *esp, const struct ue_addr *net,
		       const struct ue_addr *ue, void *arg);
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
	struct sim_esp esp;
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
	uint32_t flight[2];     /**< octets on their way, by to_net      */
	uint32_t cut;           /**< breaks after so many octets less one,
				 *   0 = not                             */
	bool broken;            /**< nothing arrives any more            */
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
	/** Who takes and makes connections at another address of the network
	 *  (net_msrp.h); family 0 = nobody */
	struct sim_host peer;
	struct ue_addr peer_addr;
	struct ue_timers timers;        /**< of the network and the cards */
	struct sim_ue *uev[SIM_UES];
	struct sim_conn connv[SIM_CONNS];
	struct sim_packet packetv[SIM_PACKETS];
	uint64_t seq;
	unsigned spins;         /**< steps without time passing          */
	bool net_runs;          /**< the network's side is at work       */
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
	bool full;              /**< for MSRP: took less than it was given */
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

/** What can fail */
enum sim_fault_kind {
	SIM_FAULT_OPEN = 0,     /**< flow_open(): EADDRNOTAVAIL          */
	SIM_FAULT_SEND,         /**< flow_send(): err, 0 = ENETUNREACH   */
	SIM_FAULT_SENDV,        /**< flow_sendv(): no octet is taken     */
	SIM_FAULT_LOST,         /**< octets to us do not come; each, of a
				 *   datagram or of a stream for SIP     */
	SIM_FAULT_CUT,          /**< half of them are missing            */
	SIM_FAULT_BAD,          /**< one of them is another              */
	SIM_FAULT_OCTET,        /**< of a connection for MSRP, either way: it
				 *   breaks there                        */
	SIM_FAULT_RANDOM,       /**< random(): EIO                       */
	SIM_FAULT_USIM,         /**< usim_authenticate(): err, 0 = EIO   */
	SIM_FAULT_USIM_FAILED,  /**< its result says so                  */
	SIM_FAULT_USIM_MAC,     /**< the same                            */
	SIM_FAULT_USIM_SYNC,    /**< the card's SQN is ahead             */
	SIM_FAULT_INSTALL,      /**< ipsec_install(): ENOMEM             */
	SIM_FAULT_NV_WRITE,     /**< nv_write(): ENOSPC                  */
	/* where a program is linked for it (fault_wrap.c, crypto_fault.c) */
	SIM_FAULT_STORE,        /**< the store is full                   */
	SIM_FAULT_TABLE,        /**< a table is full                     */
	SIM_FAULT_CRYPTO,       /**< a function of mbedTLS               */
	SIM_FAULTS
};

/** The n-th call of a kind from now fails, once or for ever; 0 = none */
struct sim_fault {
	unsigned n[SIM_FAULTS];
	int err;
	bool stays;             /**< what has struck once strikes again  */
	bool struck;
};

/** Count down; does this call fail? */
bool sim_fails(struct sim_fault *f, enum sim_fault_kind kind);

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
	unsigned store;
	unsigned events;
	unsigned timers;
	unsigned pcscfs;
};

/** What the platform's ESP has seen */
struct sim_esp_stats {
	unsigned installed;
	unsigned removed;
	unsigned out_dropped;   /**< from a protected port, no association */
	unsigned in_dropped;    /**< in the clear, or not of a set       */
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
	/** Told about each event, NULL = nobody */
	void (*event_h)(struct sim_ue *u, const struct ue_event *ev);

	struct sim_flow flowv[UE_FLOWS_ALL];
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
	uint32_t lookup;

	struct sim_set setv[SIM_SETS];
	struct sim_esp_stats esp;

	/** Resources for sessions: how many are reserved; percent that are
	 *  refused */
	unsigned reserved;
	unsigned refuse_qos;
	struct sim_qos {
		struct sim_ue *u;
		unsigned session;       /**< 0 = free                    */
		struct ue_timer timer;
	} qosv[UE_SESSIONS_MAX];

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

/** Number of flows open in the port; the listener for MSRP, which stays until
 *  ue_close(), does not count */
unsigned sim_flows(const struct sim_ue *u);

/** Number of sets of associations installed in the port */
unsigned sim_sets(const struct sim_ue *u);

/** Nothing is left of a life: no timer, transaction, block, flow; each
 *  command had one outcome.  @return NULL, or what is wrong */
const char *sim_residue(const struct sim_ue *u);

/** The same of sessions, conferences, messages and files alone, while it is
 *  registered */
const char *sim_services_residue(const struct sim_ue *u);

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
/** How many octets sim_tcp_send() takes on a connection for MSRP now */
size_t sim_tcp_room(const struct sim *sim, unsigned conn);
/** The connection breaks when that many more octets have arrived, in both
 *  directions together; either end learns of it after a while of its own */
void sim_tcp_cut(struct sim *sim, unsigned conn, uint32_t octets);

/* ------------------------------------------------------------------ */
/* Between sim.c, sim_ue.c and sim_port.c */

void sim_port_init(struct sim_ue *u);
void sim_ue_poll(struct sim_ue *u);
int  sim_conn_new(struct sim *sim, struct sim_ue *u, int flow,
		  const struct ue_addr *ue_addr,
		  const struct ue_addr *net_addr);
int  sim_queue_udp(struct sim *sim, bool to_net, const struct ue_addr *src,
		   const struct ue_addr *dst, const struct sim_esp *esp,
		   const void *data, size_t len);
int  sim_queue_tcp(struct sim *sim, enum sim_packet_kind kind, bool to_net,
		   unsigned conn, int err, const void *data, size_t len);
void sim_conn_ue_closed(struct sim *sim, unsigned conn);
/** The rest of a packet comes later, and so does what is behind it */
void sim_hold_up(struct sim *sim, struct sim_packet *p);
/** Is a packet free for data? */
bool sim_packet_room(const struct sim *sim);
uint64_t sim_splitmix(uint64_t *state);

/* ---- sim_stream.c: connections for MSRP ---- */

size_t sim_stream_sendv(void *arg, unsigned flow, const struct ue_iov *iov,
			unsigned n);
/** Does a packet bring octets for one? */
bool sim_stream_is(const struct sim *sim, const struct sim_packet *p);
/** Hand octets of a packet to the UE */
void sim_stream_arrives(struct sim *sim, struct sim_packet *p, uint8_t *data,
			size_t len);
/** How many of these octets arrive before the connection is cut */
size_t sim_stream_carried(struct sim *sim, const struct sim_packet *p,
			  size_t len);
/** They have arrived */
void sim_stream_done(struct sim *sim, const struct sim_packet *p, size_t len);
/** Does the connection break among these octets?  Then it is cut */
void sim_stream_fault(struct sim *sim, const struct sim_packet *p, size_t len);
/** Tell UEs about room */
void sim_stream_writable(struct sim *sim);

/* ---- sim_esp.c ---- */

uint64_t sim_esp_key(const uint8_t ck[16], const uint8_t ik[16],
		     const char *alg, const char *ealg);

/** Is the set for packets between these ports?  Then esp */
bool sim_set_fits(const struct sim_set *s, struct sim_esp *esp, bool to_net,
		  const struct ue_addr *ue, const struct ue_addr *net);
/** Does it take this one? */
bool sim_set_takes(const struct sim_set *s, const struct sim_esp *esp,
		   bool to_net, const struct ue_addr *ue,
		   const struct ue_addr *net);

bool sim_ue_seal(struct sim_ue *u, struct sim_esp *esp,
		 const struct ue_addr *local, const struct ue_addr *remote);
bool sim_ue_open(struct sim_ue *u, const struct sim_esp *esp,
		 const struct ue_addr *local, const struct ue_addr *remote);
int  sim_ue_install(struct sim_ue *u, const struct ipsec_params *prm);
void sim_ue_remove(struct sim_ue *u, const struct ipsec_offer *ue);

#endif
