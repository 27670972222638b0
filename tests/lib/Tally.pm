# SPDX-License-Identifier: GPL-2.0-only
#
# What prove prints, and a line with the numbers to the file $TALLY, from which
# scripts/check makes the closing line.  A test that was skipped has not passed.

package Tally;

use strict;
use warnings;
use parent 'TAP::Formatter::Console';

sub summary {
	my ($self, $aggregate, $interrupted) = @_;

	$self->SUPER::summary($aggregate, $interrupted);

	# A file that ends too early, or with an error, fails without a test
	# that does
	my $failed = $aggregate->failed;
	for my $parser ($aggregate->parsers) {
		$failed++ if $parser->has_problems && !$parser->failed;
	}

	open my $tally, '>>', $ENV{TALLY} or die "$ENV{TALLY}: $!";
	my $skipped = $aggregate->skipped;
	printf $tally "%d %d %d\n", $aggregate->passed - $skipped, $failed,
		$skipped;
	close $tally or die "$ENV{TALLY}: $!";
}

1;
