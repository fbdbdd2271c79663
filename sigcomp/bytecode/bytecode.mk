# UDVM assembly becomes C arrays: lz.asm twice, without and with RFC 3321
$(GEN)/%_code.h: sigcomp/bytecode/%.asm sigcomp/bytecode/udvmasm.py
	$(call say,UDVMASM,$@) mkdir -p $(@D) && $(PYTHON) \
		sigcomp/bytecode/udvmasm.py $(UDVM_$*) $< \
		$(shell echo $* | tr a-z A-Z) $@

$(GEN)/lzs_code.h: sigcomp/bytecode/lz.asm sigcomp/bytecode/udvmasm.py
	$(call say,UDVMASM,$@) mkdir -p $(@D) && $(PYTHON) \
		sigcomp/bytecode/udvmasm.py -D shared=1 $< LZS $@

# RFC 3485's dictionary, as it also is a test vector, is packed
$(GEN)/dictionary.h: test/vectors/rfc3485-dictionary.bin \
		sigcomp/bytecode/packdict.py
	$(call say,PACKDICT,$@) mkdir -p $(@D) && $(PYTHON) \
		sigcomp/bytecode/packdict.py $< $@

UDVM_lz := -D shared=0
sigcomp_GEN += $(patsubst sigcomp/bytecode/%.asm,$(GEN)/%_code.h, \
	$(wildcard sigcomp/bytecode/*.asm)) $(GEN)/lzs_code.h \
	$(GEN)/dictionary.h
