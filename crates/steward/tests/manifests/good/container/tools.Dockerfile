FROM {{{ imagebuilder:parentImage }}}
{{{imagebuilder:environments}}}
{{{ imagebuilder:components }}}
