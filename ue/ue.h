/**
 * @file ue.h  The UE: the whole interface for applications and ports
 *
 * An application includes only this file.  All storage is the caller's:
 *
 *     static struct ue ue;
 *
 *     err = ue_init(&ue, &settings, &port, event_handler, NULL);
 *     err = ue_register(&ue);
 *     for (;;) {
 *             uint32_t wait_ms;
 *
 *             ue_poll(&ue, now_ms(), &wait_ms);
 *             // sleep up to wait_ms, hand in what was received
 *     }
 *
 * Rules
 *  - One task owns a struct ue and makes all calls.  Other tasks and
 *    interrupts hand over through the port's queue.
 *  - A command returns 0 = accepted, or an errno and nothing happens.  An
 *    accepted command has exactly one outcome event.
 *  - Events are delivered from ue_poll() only.  Handlers may issue
 *    commands; they must not call ue_poll() or ue_close().
 *  - Members of the structs are private unless they are described here.
 */
#ifndef UE_H
#define UE_H

#include "ue/ue_config.h"
#include "ue/ue_port.h"
#include "ue/ue_timer.h"
#include "ue/sip/sip.h"
#include "ue/sip/comp.h"
#include "ue/ims/registration.h"

struct ue;

/** Security of the access (TS 33.203) */
enum ue_sec {
	UE_SEC_NONE = 0         /**< plain SIP, digest AKA only          */
};

/** Timer values of SIP transactions */
enum ue_timer_profile {
	UE_TIMERS_IMS = 0,      /**< TS 24.229 7.7: T1 2 s, T2 16 s, T4 17 s */
	UE_TIMERS_RFC3261       /**< T1 0.5 s, T2 4 s, T4 5 s            */
};

/** Transport towards the P-CSCF */
enum ue_transport_choice {
	UE_TRANSPORT_AUTO = 0,  /**< UDP; TCP above the size limit of
				 *   RFC 3261 18.1.1                     */
	UE_TRANSPORT_UDP_ONLY,
	UE_TRANSPORT_TCP_ONLY
};

/**
 * Settings.  The struct and all strings are the caller's and must live and
 * stay unchanged until ue_close() has returned.  A pointer may be NULL, a
 * number 0 where a default is named.
 */
struct ue_settings {
	/* identities (TS 24.229 5.1.1.1A); NULL = from the card */
	const char *impi;       /**< private identity: user@realm        */
	const char *impu;       /**< public identity: sip:...            */
	const char *home;       /**< home network domain                 */
	const char *imei;       /**< 14..16 digits; NULL = from the port;
				 *   none: an UUID kept in NV memory     */
	/** Password of a plain registrar (MD5, SHA-256); NULL = AKA only */
	const char *password;

	/** P-CSCFs in order of preference, each `host`, `host:port`,
	 *  `1.2.3.4:port` or `[v6]:port`; the list ends with NULL */
	const char *pcscfv[UE_PCSCF_MAX + 1];
	/** Own address; family 0 = chosen by the port.  A port other than 0
	 *  is the (unprotected) port that is used */
	struct ue_addr local;
	enum ue_transport_choice transport;
	enum ue_sec sec;
	enum ue_timer_profile timers;

	/** SigComp with the P-CSCF (TS 24.229 8.1).  With UE_SEC_NONE all is
	 *  compressed from the first REGISTER on: the P-CSCF must know it */
	bool sigcomp;
	/** decompression_memory_size: 2048 * 2^n to SIGCOMP_DMS; 0 = that */
	uint32_t sigcomp_dms;
	/** state_memory_size: 2048 * 2^n to SIGCOMP_SMS; 0 = that */
	uint32_t sigcomp_sms;
	/** cycles_per_bit: 16, 32, 64 or 128; 0 = 16 */
	uint32_t sigcomp_cpb;

	uint32_t expires_s;     /**< wanted registration; 0 = 600000     */
	/** P-Access-Network-Info value (TS 24.229 7.2A.4), NULL = none.  See
	 *  ue_set_access_network() */
	const char *access_network_info;
	/** Feature tags of the Contact, each with its leading `;`, NULL =
	 *  none: `;+g.3gpp.icsi-ref="..."` */
	const char *contact_params;
	const char *user_agent; /**< User-Agent header, NULL = none      */
	bool no_gruu;           /**< do not ask for a GRUU (RFC 5627)    */
	bool no_reg_event;      /**< do not subscribe to `reg`           */
	bool no_keepalive;      /**< do not offer RFC 6223 keep-alives   */
};

/** Why a registration ended */
enum ue_dereg {
	UE_DEREG_USER = 0,      /**< ue_deregister()                     */
	UE_DEREG_REJECTED,      /**< reg event `rejected`: stays so      */
	UE_DEREG_DEACTIVATED,   /**< `deactivated`: registers again      */
	UE_DEREG_PROBATION,     /**< `probation`: again after a wait     */
	UE_DEREG_EXPIRED,       /**< `expired`, or the own timer ran out */
	UE_DEREG_UNREGISTERED,  /**< `unregistered`                      */
	UE_DEREG_TERMINATED,    /**< registration state `terminated` without
				 *   contact elements                    */
	UE_DEREG_FAILED         /**< re-registration failed              */
};

/** Types of events.  [o] = outcome of a command */
enum ue_event_type {
	/** The REGISTER of an initial registration leaves; text = P-CSCF */
	UE_EVENT_REGISTERING = 1,
	/** A challenge came; status 401; text = algorithm and finding:
	 *  "AKAv1-MD5 ok", "... MAC failure", "... SQN failure" */
	UE_EVENT_CHALLENGE,
	/** [o] of ue_register(); also after an automatic registration;
	 *  expires_s, text = default public identity */
	UE_EVENT_REGISTERED,
	/** An attempt failed, the next one starts in wait_ms; status or err */
	UE_EVENT_REGISTER_RETRY,
	/** [o] of ue_register(): given up; status or err, text = reason */
	UE_EVENT_REGISTER_FAILED,
	/** A re-registration succeeded; [o] of ue_reregister(); expires_s */
	UE_EVENT_REREGISTERED,
	/** [o] of ue_deregister() with dereg USER; or the network's doing:
	 *  dereg, wait_ms until an automatic registration (0 = at once when
	 *  `again`); [o] of ue_reregister() with any reason.  USER: status or
	 *  err where the network did not confirm it */
	UE_EVENT_DEREGISTERED,
	/** Subscribed to the registration event; expires_s */
	UE_EVENT_REG_SUBSCRIBED,
	/** That subscription ended or failed; status, text = reason; wait_ms
	 *  when it will be tried again */
	UE_EVENT_REG_SUBSCRIPTION_ENDED,
	/** A reginfo document was accepted; version, text = state and event
	 *  of the own contact */
	UE_EVENT_REG_INFO,
	/** A flow to the P-CSCF was lost; err */
	UE_EVENT_FLOW_FAILED
};

/** One event.  Valid during the handler only */
struct ue_event {
	enum ue_event_type type;
	int err;                /**< errno, 0 = none                     */
	uint16_t status;        /**< SIP status, 0 = none                */
	bool again;             /**< the UE goes on by itself            */
	enum ue_dereg dereg;
	uint32_t expires_s;
	uint32_t wait_ms;
	uint32_t version;
	char text[UE_URI_MAX];  /**< zero-terminated, printable          */
};

/** @param arg  As given to ue_init() */
typedef void (ue_event_h)(struct ue *ue, const struct ue_event *event,
			  void *arg);

/** Counters since ue_init(); all wrap */
struct ue_stats {
	uint32_t events_lost;   /**< always 0; a lost event is a bug     */
	uint32_t inputs_refused;/**< EAGAIN because events were waiting  */
	uint32_t requests_refused;      /**< 503 for the same reason     */
};

/** The UE.  Zero-initialised by ue_init().  Members are private */
struct ue {
	const struct ue_settings *set;
	const struct ue_port *port;
	ue_event_h *eventh;
	void *arg;
	const char *access_network;             /* NULL = none */
	struct ue_timers timers;
	struct sip sip;
#if UE_SIGCOMP
	struct sip_comp comp;
#endif
	struct ims_reg reg;
	struct ue_event eventv[UE_EVENTS_MAX];  /* ring */
	unsigned event_head;
	unsigned event_count;
	struct ue_stats stats;
	bool polling;
};

/* ------------------------------------------------------------------ */
/* Life cycle */

/**
 * Begin.  Nothing is sent until a command asks for it.
 *
 * @param ue      Overwritten
 * @param set     Settings; the caller's, unchanged until ue_close() returned
 * @param port    Platform; the same
 * @param eventh  Told about events; not NULL
 * @param arg     Handed to eventh
 *
 * The port is asked for random octets and for the identities of the card.  A
 * card that is missing now is no error: ue_register() looks again.
 *
 * @return 0; EINVAL a setting is wrong (port->log names it) or an argument is
 *         missing; EIO no random octets
 */
int  ue_init(struct ue *ue, const struct ue_settings *set,
	     const struct ue_port *port, ue_event_h *eventh, void *arg);

/** End everything in silence, wipe secrets.  To leave the network in good
 *  order, ue_deregister() and wait for its outcome first */
void ue_close(struct ue *ue);

/**
 * Run what is due and deliver events; never waits, bounded work.
 *
 * @param now_ms   Monotonic time, milliseconds, any start.  A time that goes
 *                 back is ignored
 * @param wait_ms  Result: call again after so many milliseconds, or earlier
 *                 when something was handed in; UINT32_MAX: nothing to wait
 *                 for.  May be NULL
 *
 * @return 0; EPROTO called from an event handler; EINVAL
 */
int  ue_poll(struct ue *ue, uint64_t now_ms, uint32_t *wait_ms);

/* ------------------------------------------------------------------ */
/* Registration (TS 24.229 5.1.1) */

/**
 * Register.  Also makes an automatic registration that is under way the
 * command's own, and ends its back-off unless the network asked for the wait.
 *
 * Outcome: UE_EVENT_REGISTERED, or UE_EVENT_REGISTER_FAILED.  Lost answers and
 * dead P-CSCFs are no outcome: the UE goes on trying (UE_EVENT_REGISTER_RETRY)
 * until ue_deregister().
 *
 * @return 0; EPROTO registered already, or another ue_register() or
 *         ue_deregister() has no outcome yet; ENOENT, EINVAL, EOVERFLOW an
 *         identity is missing or wrong (as ims_identity_get())
 */
int  ue_register(struct ue *ue);

/**
 * Re-register now, not when the time has come (a capability changed).
 *
 * Outcome: UE_EVENT_REREGISTERED, or UE_EVENT_DEREGISTERED for any reason.
 *
 * @return 0; EPROTO not registered, or another command has no outcome yet
 */
int  ue_reregister(struct ue *ue);

/**
 * Deregister, or give up a registration that is under way: then
 * UE_EVENT_REGISTER_FAILED with ECANCELED is the outcome of ue_register().
 * A registration that is being made or renewed ends first.
 *
 * Outcome: UE_EVENT_DEREGISTERED with UE_DEREG_USER, also when the network
 * does not answer or nothing was registered.
 *
 * @return 0; EPROTO another ue_deregister() has no outcome yet
 */
int  ue_deregister(struct ue *ue);

/** Where the UE is now: P-Access-Network-Info of what is sent from now on (TS
 *  24.229 7.2A.4).  The string is the caller's and must live until another
 *  one is set or ue_close().  NULL = none.  @return 0; EINVAL control
 *  characters */
int  ue_set_access_network(struct ue *ue, const char *info);

/** State of the registration; valid until the next call of a function here */
const struct ims_reg_info *ue_reg_info(const struct ue *ue);

/** Seconds until the registration expires, 0 when not registered */
uint32_t ue_reg_expires_left(const struct ue *ue);

/* ------------------------------------------------------------------ */
/* What the port hands in.  Call ue_poll() soon after each of them */

/**
 * Octets were received
 *
 * @param flow  Its number
 * @param src   DATAGRAM: the sender; else ignored, may be NULL
 * @param data  A datagram, or the next piece of a stream; may be written to
 * @param len   1..65535
 *
 * @return 0, also for garbage; EAGAIN too many events wait for ue_poll():
 *         hand the same octets in again after it (or drop the datagram);
 *         EINVAL no such flow
 */
int  ue_flow_recv(struct ue *ue, uint64_t now_ms, unsigned flow,
		  const struct ue_addr *src, uint8_t *data, size_t len);

/** A CONNECT flow is ready */
void ue_flow_connected(struct ue *ue, uint64_t now_ms, unsigned flow);

/** A listener has a connection.  @return 0 and the number of its flow; ENOMEM,
 *  EINVAL: close the connection */
int  ue_flow_accepted(struct ue *ue, uint64_t now_ms, unsigned listener,
		      const struct ue_addr *remote, unsigned *flow);

/** A flow has failed, or the peer closed it (err 0).  Its number is free */
void ue_flow_closed(struct ue *ue, uint64_t now_ms, unsigned flow, int err);

/** Answer to usim_authenticate().  res is copied; one that nobody waits for
 *  is ignored */
void ue_usim_result(struct ue *ue, const struct ue_usim_res *res);

/**
 * Answer to resolve()
 *
 * @param err         0 or why there is none
 * @param addrv       Addresses in the order in which they are to be tried;
 *                    port 0 = 5060
 * @param transportv  Transport of each, 0 = any; NULL = any for all
 * @param count       Number of addresses
 */
void ue_resolved(struct ue *ue, int err, const struct ue_addr *addrv,
		 const enum ue_transport *transportv, size_t count);

/* ------------------------------------------------------------------ */
/* Inside the stack */

/** A new event, zero but for its type; to be filled in at once.  There is
 *  room: inputs are refused before the ring is full */
struct ue_event *ue_event_new(struct ue *ue, enum ue_event_type type);

#endif
