# The UE: SIP core, IMS registration, services.  Each part lists its files.
MODULES += ue

ue_SRC := $(addprefix ue/, ue_timer.c)

# SIP transport, transactions, dialogs, digest
ue_SRC += $(addprefix ue/sip/, store.c)
