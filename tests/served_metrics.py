"""What the service measures: the one list that `/metrics`, guide, alerts and dashboard are held against."""

METRICS: dict[str, set[str]] = {
    "phonegrade_requests_total": {"path", "method", "status"},
    "phonegrade_request_seconds": {"path"},
    "phonegrade_errors_total": {"code"},
    "phonegrade_grades_total": {"policy", "grade"},
    "phonegrade_queue_wait_seconds": set(),
    "phonegrade_work_seconds": {"task"},
    "phonegrade_work_cpu_seconds_total": {"task"},
    "phonegrade_stage_seconds": {"stage"},
    "phonegrade_queue_length": set(),
    "phonegrade_queue_capacity": set(),
    "phonegrade_queue_refused_total": set(),
    "phonegrade_queue_expired_total": set(),
    "phonegrade_queue_dropped_total": set(),
    "phonegrade_workers": set(),
    "phonegrade_workers_ready": set(),
    "phonegrade_workers_busy": set(),
    "phonegrade_worker_restarts_total": set(),
    "phonegrade_worker_crashes_total": set(),
    "phonegrade_worker_resident_bytes": {"worker"},
    "process_resident_memory_bytes": set(),
}
"""Every metric that somebody watches, with its labels."""

JOURNEY_METRICS: dict[str, set[str]] = {
    "phonegrade_cases": {"journey", "channel", "ending"},
    "phonegrade_case_axis": {"axis", "state", "channel"},
    "phonegrade_case_step": {"journey", "step", "channel"},
    "phonegrade_case_step_seconds": {"journey", "step", "channel"},
    "phonegrade_case_drop_off": {"journey", "step", "channel", "how"},
    "phonegrade_cases_unsettled": set(),
    "phonegrade_photo_inspections_total": {"surface"},
    "phonegrade_retakes_total": {"surface", "gate"},
    "phonegrade_reviews_total": {"reason", "verdict"},
    "phonegrade_reviews_waiting": {"reason"},
    "phonegrade_review_age_seconds": {"reason"},
    "phonegrade_honeypots_total": {"verdict"},
    "phonegrade_grade_agreement_total": {"agreement"},
    "phonegrade_certificate_lag_seconds": set(),
    "phonegrade_offers_total": {"event"},
    "phonegrade_recommendations_total": {"rule", "outcome"},
    "phonegrade_hand_offs_total": {"event"},
    "phonegrade_webhook_deliveries": {"state"},
    "phonegrade_webhook_lag_seconds": set(),
}
"""What a service with --data serves besides."""
