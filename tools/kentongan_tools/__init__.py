"""The kentongan command and the technician's tools."""
