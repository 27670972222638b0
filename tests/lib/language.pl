# SPDX-License-Identifier: GPL-2.0-only
#
# language.pl [--allowed FILE] FILE... - print words that make a text hard to read
#
# A line of output is "FILE:LINE: RULE: TEXT".  The exit status is 1 if a line is printed.  Only
# prose is read: the comments and strings of code, the message and the added lines of a patch,
# and the paragraphs of a page without its examples.
#
# A line of the file of --allowed is a file, a tab, and a text in it that may stay.  A line that
# allows nothing is printed, too, because the list is to remain short.

use strict;
use warnings;

# A comment begins behind $begin, a string or a paragraph behind $quote.  Each ends before $end.
my ($begin, $end, $quote) = ("\x01", "\x02", "\x03");
# A word of prose, and not part of a name: @want, $said, --what, what.h, want(3), want_names
my ($left, $right) = ('(?<![\w@$.\/<{-])', '(?![\w(=>}\/-]|\.\w|:\d)');

my @rules = (
	['a sentence begins with a noun',
	 qr/(?:^|[$begin$quote]|[.!?]["')]*\s)\s*
	    \K(?:Of|What|Whatever|Who|Whoever|That|Those|Also|Without|Nor)$right(?!:)/x],
	['a description begins with a verb or a noun',
	 qr/(?:$begin|\s-\s)\s*\K(?:of|who|that|those|also|nor)$right/],
	['a comment begins with a noun or a verb',
	 qr/$begin\s*\K(?:It|They|Not|Whether|Neither)$right/],
	['a noun is what a sentence is about, not "what"',
	 qr/$left(?:[Ww]hat|[Ww]hatever|[Ww]hoever)$right(?![^.$end]*\?)/],
	['a noun has a name, not "that of" or "those"',
	 qr/$left(?:[Tt]hat\s+of|[Tt]hose\s+(?:of|in|on|for|from|with|without|that|which|who|are|is))$right/],
	['a verb is negated, not a noun',
	 qr/$left(?:is|are|was|were|be|been)\s+(?:none|no(?!\s+(?:longer|more|later|earlier|less)\b))$right/],
	['a verb is negated by "does not" or "did not"',
	 qr/$left(?:has|have|had)\s+not$right/],
	['a description does not repeat the name',
	 qr/\@\w+:$begin\s*\K(?:[Tt]heir|[Ii]ts|[Tt]he)\s+(?:number|length|size|name|count|type|version)s?[.;]?\s*$end/],
	['code returns, prints, logs and requires',
	 qr/$left(?:[Ss]a(?:y|ys|id|ying)|[Tt]ell(?:s|ing)?|[Tt]old|[Kk]now(?:s|ing)?|[Kk]new|[Ww]ant(?:s|ed|ing)?)$right/],
);

# blank TEXT - return as many empty lines
sub blank
{
	my $text = shift;

	return "\n" x ($text =~ tr/\n//);
}

# comment TEXT - return a comment without its marks; a line without words ends a sentence
sub comment
{
	my $text = shift;

	$text =~ s{^[ \t]*(?:/\*+|\*/|\*|//+|#+!?|\.\\"|--)[ \t]?}{}mg;
	$text =~ s{\*/\s*$}{};
	$text =~ s{^[ \t]*$}{$end$begin}mg;
	$text =~ s{^(\s*\@\w+(?:\.\.\.)?:)}{$end$begin$1$begin}mg;
	return "$begin$text$end";
}

# string TEXT - return a string of code, or empty lines for a command or a format
sub string
{
	my $text = shift;

	$text =~ s/\$\((?:[^()]|\([^()]*\))*\)|\$\{[^{}]*\}|\$\w+/N/g;
	$text =~ s/\\[nt]|%[-\w.*]*[a-z]/ /g;
	return blank($text) if $text =~ /[|;<>{}=&]/ || $text !~ /[a-z]+ [a-z]+ [a-z]+/;
	return "$quote$text$end";
}

# of_c TEXT - return the comments and strings of C
sub of_c
{
	my $text = shift;

	$text =~ s{"[ \t]*\n\s*"}{\n}g;
	$text =~ s{(/\*.*?\*/|(?<!:)//[^\n]*)|"((?:\\.|[^"\\\n]|\n)*)"|'(?:\\.|[^'\\])+'|([^"'/]+|.)}
		  {defined $1 ? comment($1) : defined $2 ? string($2) : blank($3 // '')}gse;
	return $text;
}

# of_script TEXT - return comments, which begin a line or follow a blank, and strings
sub of_script
{
	my $text = shift;

	# A string ends with its line: a heredoc can have one apostrophe
	$text =~ s{((?:^[ \t]*\#[^\n]*\n)+)|[ \t](\#[ \t][^\n]*)|"""(.*?)"""|"((?:\\.|[^"\\\n])*)"|'([^'\n]*)'|([^"'\#\n \t]+|.)}
		  {defined $1 ? comment($1) : defined $2 ? comment($2) : defined $3 ? comment($3) :
		   defined $4 ? string($4) : defined $5 ? string($5) : blank($6)}gsme;
	return $text;
}

# of_page TEXT - return paragraphs, items and cells, without examples
sub of_page
{
	my $text = shift;

	# Examples
	$text =~ s{^[ ]*```.*?^[ ]*```$}{blank($&)}gsme;
	$text =~ s{^\.EX.*?^\.EE$}{blank($&)}gsme;
	$text =~ s{^(?:    |\t)\S[^\n]*}{}gm if $text !~ /^\.TH /m;
	$text =~ s{``[^`]+``|`[^`]+`}{'N' . blank($&)}gse;
	$text =~ s{^\.\\".*}{}gm;
	$text =~ s{^\.SH (?:NAME|SYNOPSIS|SEE ALSO)\n.*?(?=^\.SH)}{blank($&)}gsme;
	$text =~ s{^\.(?:SH|TP|TQ|PP|IP|RS|RE)\b.*}{$end$quote}gm;
	$text =~ s{^\.[A-Z]+ }{}gm;
	$text =~ s{\\f[A-Z]|\\[&/,]}{}g;
	$text =~ s{\\-}{-}g;
	$text =~ s{^[ \t]*$}{$end$quote}gm;
	$text =~ s{^[ \t]*(?:[-*]|\d+\.)[ ]+|\|}{$end$quote}gm;
	return "$quote$text$end";
}

# of_text TEXT - return the lines, of which each is a passage
sub of_text
{
	my $text = shift;

	$text =~ s{^\$ .*}{}gm;
	$text =~ s{^}{$begin}gm;
	$text =~ s{$}{$end}gm;
	return $text;
}

# of_patch TEXT - return the message, and the added lines as their file is read
sub of_patch
{
	my ($message, $diff) = split /^(?=diff )/m, shift, 2;
	my ($prose, $added, $read) = (of_page($message), '', \&of_page);

	$prose =~ s/^[\w-]+: .*$//gm;
	for (split /^/m, $diff // '') {
		if (/^diff .*/) {
			$prose .= $read->($added);
			$read = reader((split)[-1]) // \&of_page;
			$added = '';
		}
		$added .= s/^\+(?!\+\+ )// ? $_ : "\n";
	}
	return $prose . $read->($added);
}

# reader FILE - return the function that reads files of that kind, or nothing
sub reader
{
	my $file = shift;

	return \&of_c if $file =~ /\.(?:[ch]|js)$/;
	return \&of_page if $file =~ /\.(?:md|rst|[1-8])$|README|Kconfig$|cover-letter\.txt$/;
	return \&of_text if $file =~ /\.txt$/;
	return \&of_patch if $file =~ /\.(?:patch|diff)$/;
	return if $file =~ /\.(?:dict|in|symbols|json|html)$/;
	return \&of_script;
}

my ($allowed, $found, %allows) = ('', 0);
if (@ARGV && $ARGV[0] eq '--allowed') {
	(undef, $allowed) = splice @ARGV, 0, 2;
	open my $list, '<', $allowed or die "$allowed: $!\n";
	while (<$list>) {
		next if /^#|^$/;
		/^(\S+)\t(.+)$/ or die "$allowed:$.: expected a file, a tab, a text\n";
		$allows{$1}{$2} = $.;
	}
}
# short_lines TEXT - return the lines of a man page, empty if they have several words
sub short_lines
{
	my ($text, @lines) = shift;
	my $tag = 0;

	$text =~ s{^\.EX\n.*?^\.EE$|^\.SH (?:NAME|SYNOPSIS|SEE ALSO)\n.*?(?=^\.SH|\z)}{blank($&)}gsme;
	for (split /\n/, $text) {
		push @lines, $tag || !/^(?:\.[BIR]{1,2} )?[^\s.]\S*$/ ? '' : $_;
		$tag = /^\.T[PQ]/;
	}
	return @lines;
}

for my $file (@ARGV) {
	my $read = reader($file) or next;

	open my $input, '<', $file or die "$file: $!\n";
	my $text = do { local $/; <$input> } // '';
	next if $text =~ /\0/;
	for my $allow (keys %{$allows{$file} // {}}) {
		my $words = join '\s+(?:[*#]\s+)?', map { quotemeta } split ' ', $allow;

		delete $allows{$file}{$allow} if $text =~ s/$words/blank($&)/gse;
	}
	my $prose = $read->($text);
	my @short = $text =~ /^\.TH /m ? short_lines($text) : ();

	for (grep { $short[$_] } 0 .. $#short) {
		print "$file:", $_ + 1, ": a line of a man page has several words: $short[$_]\n";
		$found = 1;
	}
	for (@rules) {
		my ($rule, $pattern) = @$_;

		while ($prose =~ /$pattern/g) {
			my $before = substr $prose, 0, $-[0];
			my $line = 1 + ($before =~ tr/\n//);
			my $words = substr($before, -30) . substr($prose, $-[0], 50);

			$words =~ s/[$begin$end$quote\s]+/ /g;
			print "$file:$line: $rule: $words\n";
			$found = 1;
		}
	}
}
for my $file (sort keys %allows) {
	next unless grep { $_ eq $file } @ARGV;
	for (sort keys %{$allows{$file}}) {
		print "$allowed:$allows{$file}{$_}: $file does not have this text: $_\n";
		$found = 1;
	}
}
exit $found;
