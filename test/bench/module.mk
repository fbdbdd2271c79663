# The benchmark counts allocations: none are allowed
bench_sip_parse_LDLIBS := -Wl,--wrap=malloc
