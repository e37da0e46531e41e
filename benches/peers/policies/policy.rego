package relief

import rego.v1

default answer := 0

eligible if {
	input.kind in {"flood", "typhoon", "storm"}
	input.severity <= 3
	input.status == "active"
	input.product in {"cash_loan", "instalment", "car_loan"}
	input.disbursed_on >= $WINDOW_FROM
	input.disbursed_on <= $WINDOW_UNTIL
	data.areas[input.prefecture]
	input.days_past_due <= 60
	not workout
}

workout if {
	some one in input.arrangements
	one in {"workout_offer", "liquidation_workout"}
}

vulnerable if {
	some one in input.flags
	one in {"injured", "bereaved", "hospitalised"}
}

small if {
	input.principal <= 5000000
	input.days_past_due <= 30
}

choice := $1 if {
	vulnerable
} else := $2 if {
	small
} else := $3 if {
	input.rate <= 2400
}

answer := choice if eligible
