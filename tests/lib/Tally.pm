# SPDX-License-Identifier: GPL-2.0-only
#
# A formatter of prove.  A log has all results; a terminal shows only failures, with the lines
# that the test prints about them.  At the end the formatter prints the tests that took longest,
# and appends a line with the numbers to the file $TALLY, from which scripts/check makes the
# closing line.  A test that was skipped does not count as passed.

package Tally;

use strict;
use warnings;
use TAP::Formatter::Console;
use TAP::Formatter::File;

our @ISA = (-t STDOUT ? 'TAP::Formatter::Console' : 'TAP::Formatter::File');

sub open_test {
	my ($self, $name, $parser) = @_;
	my @failures;
	my $failing = 0;

	if (-t STDOUT) {
		$parser->callback(ALL => sub {
			my $result = shift;

			$failing = !$result->is_ok if $result->is_test;
			push @failures, $result->raw if $failing || $result->is_bailout;
		});
		# Tests run beside each other, and the lines of one test stay together
		$parser->callback(EOF => sub {
			$self->_output(join "\n", "\r\e[K$name", @failures, '') if @failures;
		});
	}
	return $self->SUPER::open_test($name, $parser);
}

sub summary {
	my ($self, $aggregate, $interrupted) = @_;

	$self->SUPER::summary($aggregate, $interrupted);

	# A file that ends too early, or with an error, fails although each of
	# its tests passed
	my $failed = $aggregate->failed;
	my %seconds;
	for my $name ($aggregate->descriptions) {
		my ($parser) = $aggregate->parsers($name);

		$failed++ if $parser->has_problems && !$parser->failed;
		$seconds{$name} = $parser->end_time - $parser->start_time;
	}

	my @longest = sort { $seconds{$b} <=> $seconds{$a} } keys %seconds;
	splice @longest, 5 if @longest > 5;
	$self->_output('Longest: ' . join(', ',
		map { sprintf '%s %.0f s', $_, $seconds{$_} } @longest) . "\n");

	open my $tally, '>>', $ENV{TALLY} or die "$ENV{TALLY}: $!";
	my $skipped = $aggregate->skipped;
	printf $tally "%d %d %d\n", $aggregate->passed - $skipped, $failed,
		$skipped;
	close $tally or die "$ENV{TALLY}: $!";
}

1;
