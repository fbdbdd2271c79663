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
	/** A REGISTER for an initial registration leaves; text = P-CSCF */
	UE_EVENT_REGISTERING = 1,
	/** A challenge came; status 401/407; text = algorithm and finding:
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
	 *  `again`) */
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
};

/** The UE.  Zero-initialised by ue_init().  Members are private */
struct ue {
	const struct ue_settings *set;
	const struct ue_port *port;
	ue_event_h *eventh;
	void *arg;
	struct ue_timers timers;
	struct sip sip;
	struct ims_reg reg;
	struct ue_event eventv[UE_EVENTS_MAX];  /* ring */
	unsigned event_head;
	unsigned event_count;
	struct ue_stats stats;
	bool polling;
};

/* ---- life cycle ---- */
int  ue_init(struct ue *ue, const struct ue_settings *set,
	     const struct ue_port *port, ue_event_h *eventh, void *arg);
void ue_close(struct ue *ue);
int  ue_poll(struct ue *ue, uint64_t now_ms, uint32_t *wait_ms);

/* ---- registration ---- */
int  ue_register(struct ue *ue);
int  ue_reregister(struct ue *ue);
int  ue_deregister(struct ue *ue);
int  ue_set_access_network(struct ue *ue, const char *info);
const struct ims_reg_info *ue_reg_info(const struct ue *ue);

/* ---- what the port hands in ---- */
int  ue_flow_recv(struct ue *ue, uint64_t now_ms, unsigned flow,
		  const struct ue_addr *src, uint8_t *data, size_t len);
void ue_flow_connected(struct ue *ue, uint64_t now_ms, unsigned flow);
int  ue_flow_accepted(struct ue *ue, uint64_t now_ms, unsigned listener,
		      const struct ue_addr *remote, unsigned *flow);
void ue_flow_closed(struct ue *ue, uint64_t now_ms, unsigned flow, int err);
void ue_usim_result(struct ue *ue, const struct ue_usim_res *res);
void ue_resolved(struct ue *ue, int err, const struct ue_addr *addrv,
		 const enum ue_transport *transportv, size_t count);

/* ---- inside the stack ---- */
struct ue_event *ue_event_new(struct ue *ue, enum ue_event_type type);

#endif
