import Degradation
import Imaging
import SuperResolution
import Testing
